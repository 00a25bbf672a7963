#!/usr/bin/env bash
# The lab: the whole relay on a small internet of network namespaces, with everything going wrong that can be made to.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: lab.sh [--short] [SCENARIO…]        (or: make lab, make lab SCENARIO=name)
       lab.sh --list

Installs what is missing, builds emojitrack-relay, and runs scenarios: an edge crashes, a way is cut, Redis comes back
empty, … In each, 200 clients without any code of ours compare each increment with Redis. Prints a table, writes it to
.run/lab-….md as well, and fails if a scenario does. All of them take about half an hour. Needs root. Docs/lab.md has the details.

  --short     only one crash of an edge and one of a hub (half a minute), without building or installing
  --list      list the scenarios

Environment:
  EMOJITRACK_BINARIES   the folder of the commands, instead of building them
  LAB_MINUTES           how long the scenario `everything-at-random` takes (default 3)
  LAB_SEED              repeats its choices
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
short=false
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit 0 ;;
    --list) exec python3 Scripts/lab --list ;;
    --short) short=true ;;
    -*) usage >&2 && exit 64 ;;
  esac
done
if ! $short; then Scripts/install.sh --with-lab; fi
if [[ -z ${EMOJITRACK_BINARIES-} ]]; then
  if ! $short; then swift build -c release; fi
  EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
fi
exec python3 -B Scripts/lab --binaries "$EMOJITRACK_BINARIES" "$@"
