#!/usr/bin/env bash
# Makes the certificates of a deployment: a certificate authority, one hub and any number of edges.
# For development and tests. In production the authority's key belongs on another machine.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: certificates.sh [options]

Makes a certificate authority, a hub certificate and edge certificates (ECDSA P-256), all in one folder:

  ca.pem      ca.key       the authority; every hub and edge needs ca.pem, none needs ca.key
  hub.pem     hub.key      for servers (serverAuth), valid for the hub's names
  edge-1.pem  edge-1.key   for clients (clientAuth); the DNS name in it is the edge's name
  …

Existing certificates that are still good are kept. Run it again to add an edge, or to renew certificates with less than
a quarter of their days left.

Options:
  --out DIR             where to put them (default ./certificates)
  --hub-name NAME       a DNS name or IP address of the hub; may be repeated
                        (default localhost, 127.0.0.1 and ::1; names given here replace these)
  --edges N             make edge-1 to edge-N (default 2, or 0 if --edge is given)
  --edge NAME           make an edge with this name; may be repeated
  --days N              days that hub and edge certificates are valid, 1 to 825 (default 30)
  --force               remake everything; certificates of the old authority are then worthless
  --expired NAME        for tests: make an edge with this name whose certificate expired yesterday
  --not-yet-valid NAME  for tests: make an edge with this name whose certificate becomes valid tomorrow
  --from TIME           for tests: the time at which hub and edge certificates become valid, as date -d reads it
                        (default '1 hour ago')
  --until TIME          for tests: the time at which they expire, whatever --days is
  --help                print this text
TEXT
}

fail() { # message remedy status
  printf 'certificates.sh: %s\n  %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}

readonly authority_days=3650
out=./certificates
days=30
count=
from='1 hour ago'
until=
force=false
hub_names=()
edges=()
expired=()
not_yet_valid=()

while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --force) force=true && shift && continue ;;
    --out | --hub-name | --edges | --edge | --days | --expired | --not-yet-valid | --from | --until)
      (($# > 1)) || fail "$1 needs a value." "See --help." 64 ;;
    *) fail "unknown option: $1" "See --help." 64 ;;
  esac
  case $1 in
    --out) out=$2 ;;
    --hub-name) hub_names+=("$2") ;;
    --edges) count=$2 ;;
    --edge) edges+=("$2") ;;
    --days) days=$2 ;;
    --expired) expired+=("$2") ;;
    --not-yet-valid) not_yet_valid+=("$2") ;;
    --from) from=$2 ;;
    --until) until=$2 ;;
  esac
  shift 2
done

[[ $days =~ ^([1-9]|[1-9][0-9]|[1-7][0-9]{2}|8[01][0-9]|82[0-5])$ ]] ||
  fail "--days $days is not a whole number from 1 to 825." "Leave it out for 30 days." 64
[[ -n $count ]] || count=$((${#edges[@]} ? 0 : 2))
[[ $count =~ ^(0|[1-9][0-9]{0,3})$ ]] ||
  fail "--edges $count is not a whole number from 0 to 9999." "Leave it out for 2 edges." 64
[[ -n $until ]] || until="$days days"
for option in from until; do
  date -u -d "${!option}" >/dev/null 2>&1 ||
    fail "--$option ${!option} is not a time." "Give it as date -d reads it, such as '3 days ago'." 64
done
for ((number = 1; number <= count; number++)); do edges+=("edge-$number"); done
((${#hub_names[@]})) || hub_names=(localhost 127.0.0.1 ::1)
for name in "${hub_names[@]}"; do
  [[ $name =~ ^[A-Za-z0-9.:_-]{1,253}$ ]] ||
    fail "--hub-name $name is neither a DNS name nor an IP address." "Give it without brackets, port or spaces." 64
done
for name in "${edges[@]}" "${expired[@]}" "${not_yet_valid[@]}"; do
  [[ $name =~ ^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$ && $name != hub && $name != ca ]] ||
    fail "$name cannot be the name of an edge." \
      "Use 1 to 63 of a-z 0-9 . - that begin and end with a letter or digit; not hub, not ca." 64
done
command -v openssl >/dev/null || fail "the openssl command is missing." "Install it: apt-get install openssl" 69

umask 022
mkdir -p -- "$out" || fail "cannot make the folder $out." "Give another one: --out DIR" 73
# Everything is made here and moved into place when it is complete: an interrupted run does no damage.
umask 077
workshop=$(mktemp -d "$out/.making.XXXXXX") || fail "cannot write to $out." "Give another folder: --out DIR" 73
trap 'rm -rf -- "$workshop"' EXIT
cd -- "$out"
workshop=$PWD/${workshop##*/}

# Quiet unless it fails; then openssl's output is shown.
run_openssl() {
  openssl "$@" >"$workshop/log" 2>&1 </dev/null && return
  sed 's/^/  /' "$workshop/log" >&2
  fail "openssl $1 failed (above)." "Check the disk and the version: $(openssl version)"
}

moment() { date -u -d "$1" +%Y%m%d%H%M%SZ; } # the format of openssl ca

is_address() { [[ $1 == *:* || $1 =~ ^[0-9.]+$ ]]; }

alternative_names() { # localhost ::1 becomes DNS:localhost,IP:::1
  local name text=
  for name in "$@"; do
    if is_address "$name"; then text+=",IP:$name"; else text+=",DNS:$name"; fi
  done
  printf '%s' "${text#,}"
}

# Certificates begin an hour ago, so that machines whose clocks differ a little can use them at once.
sign() { # name, purpose (authority, serverAuth, clientAuth), first moment, last moment, alternative names…
  local name=$1 purpose=$2 from=$3 until=$4 extensions issuer names
  shift 4
  names=$(alternative_names "$@")
  if [[ $purpose == authority ]]; then
    issuer=(-selfsign -keyfile "$workshop/$name.key")
    extensions='basicConstraints=critical,CA:TRUE,pathlen:0
      keyUsage=critical,keyCertSign,cRLSign'
  else
    issuer=(-cert ca.pem -keyfile ca.key)
    extensions="basicConstraints=critical,CA:FALSE
      keyUsage=critical,digitalSignature
      extendedKeyUsage=$purpose
      authorityKeyIdentifier=keyid
      subjectAltName=$names"
  fi
  # Verification uses the names in subjectAltName; the subject is only for display.
  cat >"$workshop/configuration" <<TEXT
[request]
distinguished_name=empty
prompt=no
[empty]
[authority]
database=$workshop/database
new_certs_dir=$workshop
default_md=sha256
rand_serial=yes
unique_subject=no
policy=any
[any]
commonName=supplied
[extensions]
subjectKeyIdentifier=hash
$extensions
TEXT
  : >"$workshop/database"
  : >"$workshop/database.attr"
  run_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$workshop/$name.key"
  run_openssl req -new -config "$workshop/configuration" -key "$workshop/$name.key" \
    -subj "/CN=emojitrack-relay $name" -out "$workshop/$name.request"
  # Both times are reckoned from one second.
  local start end second
  while
    second=$(date +%s)
    start=$(moment "$from")
    end=$(moment "$until")
    [[ $(date +%s) != "$second" ]]
  do :; done
  run_openssl ca -batch -notext -config "$workshop/configuration" -name authority "${issuer[@]}" \
    -extensions extensions -in "$workshop/$name.request" -out "$workshop/$name.pem" \
    -startdate "$start" -enddate "$end"
  chmod 644 "$workshop/$name.pem"
  mv -f -- "$workshop/$name.key" "$name.key"
  mv -f -- "$workshop/$name.pem" "$name.pem"
  printf 'made   %s  valid until %s%s\n' "$name.pem" "$(date -u -d "$until" +%F)" "${names:+  $names}"
}

same_key() { # name
  [[ $(openssl x509 -in "$1.pem" -noout -pubkey 2>&1) == "$(openssl pkey -in "$1.key" -pubout 2>&1 </dev/null)" ]]
}

valid_for() { openssl x509 -in "$1.pem" -noout -checkend "$2" >/dev/null 2>&1; } # name, seconds

# True if a certificate is valid for exactly these names.
has_names() { # name, alternative names…
  local certificate=$1.pem name count check
  shift
  count=$(openssl x509 -in "$certificate" -noout -ext subjectAltName | grep -oE 'DNS:|IP Address:' | wc -l)
  ((count == $#)) || return 1
  for name in "$@"; do
    if is_address "$name"; then check=-checkip; else check=-checkhost; fi
    [[ $(openssl x509 -in "$certificate" -noout "$check" "$name") == *'does match'* ]] || return 1
  done
}

# True if a hub or edge certificate can stay: signed by this authority, its key beside it, the requested names, enough time left.
still_good() { # name, alternative names…
  ! $force && [[ -r $1.pem && -r $1.key ]] && same_key "$1" && valid_for "$1" $((days * 86400 / 4)) &&
    openssl verify -x509_strict -CAfile ca.pem "$1.pem" >/dev/null 2>&1 && has_names "$@"
}

make() { # name, purpose, alternative names…
  local name=$1 purpose=$2
  shift 2
  if still_good "$name" "$@"; then
    chmod 600 "$name.key"
    printf 'kept   %s\n' "$name.pem"
  else
    sign "$name" "$purpose" "$from" "$until" "$@"
  fi
}

if [[ -e ca.pem && ! -e ca.key ]] && ! $force; then
  fail "$out has ca.pem but not ca.key: nothing can be signed." \
    "Put the key there, or start over with another --out DIR, or remake everything with --force." 66
fi
if ! $force && [[ -r ca.pem && -r ca.key ]] && same_key ca && valid_for ca $((days * 86400)); then
  printf 'kept   ca.pem\n'
else
  sign ca authority '1 hour ago' "$authority_days days"
fi
make hub serverAuth "${hub_names[@]}"
for name in "${edges[@]}"; do make "$name" clientAuth "$name"; done
for name in "${expired[@]}"; do sign "$name" clientAuth '3 days ago' '1 day ago' "$name"; done
for name in "${not_yet_valid[@]}"; do sign "$name" clientAuth '1 day' '3 days' "$name"; done
