#!/usr/bin/env bash
# The trials: floods, stalls and lies against a real hub and a real edge, while two hundred good clients are served.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: trials.sh [--seconds N] [--clients N] [TRIAL…]        (or: make trials, make trials TRIAL=name)
       trials.sh --list

Installs what is missing, builds emojitrack-relay in release mode, and runs trials: slow requests, floods of connections,
handshakes and frames of HTTP/2, lying edges and hubs, … Each runs twice, against a program that reads and ignores everything
(the control), and against the real one. Meanwhile 200 good clients measure how late each increment is, and compare their
totals at the end. Prints a table, writes it to .run/trials-….md as well, and fails if a limit is missed. All of them take
about half an hour. They talk to this machine alone. Docs/threat-model.md has the limits.

  --seconds N   how long each flood lasts (default 20)
  --clients N   how many good clients are served (default 200): fewer for a slow or busy machine
  --list        list the trials

Environment:
  EMOJITRACK_BINARIES   the folder of the commands, instead of building them
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit 0 ;;
    --list) exec python3 -B Scripts/trials --list ;;
  esac
done
if [[ -z ${EMOJITRACK_BINARIES-} ]]; then
  Scripts/install.sh
  swift build -c release
  EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
fi
exec python3 -B Scripts/trials --binaries "$EMOJITRACK_BINARIES" "$@"
