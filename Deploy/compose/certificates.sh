#!/usr/bin/env bash
# Makes what ../compose.yaml mounts at /certificates: an authority, a certificate for each hub and each edge, and a token for
# the dashboard. The authority's key stays in the folder authority, which is mounted nowhere. Run it again, as root, to
# renew certificates with less than a quarter of their days left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

((EUID == 0)) ||
  { printf 'certificates.sh: the keys must belong to user 10001.\n  Run it as root: sudo %s\n' "$0" >&2 && exit 77; }
made=authority out=certificates
install -d -m 0700 "$made"
# The name of a hub is the first one in its certificate. localhost is for the dashboard.
for hub in hub-1 hub-2; do
  for suffix in pem key; do
    if [[ -e $made/$hub.$suffix ]]; then mv "$made/$hub.$suffix" "$made/hub.$suffix"; fi
  done
  ../certificates.sh --out "$made" --hub-name "$hub" --hub-name localhost --edge edge-1 --edge edge-2 --edge edge-3
  mv "$made/hub.pem" "$made/$hub.pem"
  mv "$made/hub.key" "$made/$hub.key"
done
[[ -e $made/tokens ]] || (umask 077 && printf 'operator me %s\n' "$(openssl rand -hex 32)" >"$made/tokens")

# A program accepts the file of a key if it belongs to its own user, which is 10001 in the images, and is closed to others.
install -d -m 0755 "$out"
install -m 0444 "$made"/*.pem "$out"
install -m 0400 -o 10001 -g 10001 "$made"/{hub,edge}-*.key "$made/tokens" "$out"
