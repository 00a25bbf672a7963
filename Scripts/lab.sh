#!/usr/bin/env bash
# The lab: the whole relay on a small internet of network namespaces, with everything going wrong that can be made to.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: lab.sh [--short] [SCENARIO…]        (or: make lab, make lab SCENARIO=name)
       lab.sh --faults [FAULT…]
       lab.sh --list

Installs what is missing, builds emojitrack-relay, and runs scenarios: an edge crashes, a way is cut, Redis comes back
empty, … In each, 200 clients without any code of ours compare each increment with Redis. Prints a table, writes it to
.run/lab-….md as well, and fails if a scenario does. All of them take about half an hour. Needs root. Docs/lab.md has the details.

  --short     only one crash of an edge and one of a hub (half a minute), without building or installing
  --faults    plant one fault after the other in the first edge, which the checker must find within a minute
  --list      list the scenarios

Environment:
  EMOJITRACK_BINARIES   the folder of the commands, instead of building them
  LAB_MINUTES           how long the scenario `everything-at-random` takes (default 3)
  LAB_SEED              repeats its choices
  LAB_CLIENTS           how many clients the load of a rolling restart has (default 8000)
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
short=false
# A frame dropped, a frame sent twice, a resumption off by one in both directions.
readonly faults=(flushDropped flushRepeated resumedTooLate resumedTooEarly)
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit 0 ;;
    --list) exec python3 Scripts/lab --list ;;
    --short) short=true ;;
    --faults) break ;;
    -*) usage >&2 && exit 64 ;;
  esac
done
if ! $short; then Scripts/install.sh --with-lab; fi
if [[ ${1-} == --faults ]]; then
  shift
  # Only debug builds have planted faults.
  for program in emojitrack-hub emojitrack-edge emojitrack-bench; do swift build --product "$program"; done
  binaries=$(swift build --show-bin-path)
  if (($# == 0)); then set -- "${faults[@]}"; fi
  for fault in "$@"; do
    printf '== %s\n' "$fault"
    LAB_FAULT=$fault python3 -B Scripts/lab --binaries "$binaries" planted-fault
  done
  exit
fi
if [[ -z ${EMOJITRACK_BINARIES-} ]]; then
  if ! $short; then swift build -c release; fi
  EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
fi
exec python3 -B Scripts/lab --binaries "$EMOJITRACK_BINARIES" "$@"
