#!/usr/bin/env bash
# Plants one fault after the other into the tests' build, and runs the tests that must find it.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: mutants.sh [fault…]        (or: make mutants FAULT="fault…")

Builds the tests, runs the named tests once without a fault, and then once with each fault of
Sources/PlantedFaults/PlantedFault.swift, where they must fail. Without arguments it takes all faults: about ten minutes.
It prints a line for each fault: the seconds until it was found, and the first test that found it. The exit status is 1 if
a fault was not found.
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1-} in --help | -h) usage && exit 0 ;; esac

# Each fault, and the tests that must find it, as a pattern of `swift test --filter`. "simulation" stands for 50
# seeds of simulated worlds.
readonly table=Tests/mutants.txt limit_seconds=600

run() { # fault or nothing, tests
  local filter=$2
  [[ $filter != simulation ]] || filter=SimulationTests.SimulationTests
  EMOJITRACK_PLANTED_FAULT=$1 EMOJITRACK_SEEDS=50 SWIFT_DETERMINISTIC_HASHING=1 \
    timeout "$limit_seconds" swift test --ignore-lock --skip-build --filter "$filter" 2>&1
}

tests_of() { # fault
  sed -n "s/^$1  *//p" "$table"
}

# Prints how the tests failed; fails if they did not run.
failure_in() { # log, exit status
  local line
  if line=$(grep -m 1 -e ' recorded an issue' -e 'Fatal error' -e 'unexpected signal' "$1"); then
    line=${line##*✘ Test }
    printf '%s' "${line%% recorded an issue*}"
  else
    (($2 == 124)) && printf 'the time limit'
  fi
}

Scripts/install.sh
swift build --build-tests
mapfile -t faults < <(sed -n 's/^\([a-zA-Z]*\)  *.*/\1/p' "$table")
if (($# > 0)); then faults=("$@"); fi
for fault in "${faults[@]}"; do
  [[ -n $(tests_of "$fault") ]] || {
    printf 'mutants.sh: %s names no tests for %s\n' "$table" "$fault" >&2
    exit 2
  }
done

log=$(mktemp "${TMPDIR:-/tmp}/emojitrack.XXXXXX")
trap 'rm -f -- "$log"' EXIT
printf 'Without a fault …\n'
while read -r tests; do
  if ! run '' "$tests" >"$log"; then
    grep -m 5 -e '✘' -e 'error:' "$log" >&2 || tail -n 5 "$log" >&2
    printf 'mutants.sh: %s fails without a fault\n' "$tests" >&2
    exit 2
  fi
done < <(for fault in "${faults[@]}"; do tests_of "$fault"; done | sort -u)

missed=0
for fault in "${faults[@]}"; do
  start=$SECONDS
  status=0
  run "$fault" "$(tests_of "$fault")" >"$log" || status=$?
  if ((status == 0)); then
    verdict='NOT FOUND'
    missed=$((missed + 1))
  elif failure=$(failure_in "$log" "$status"); then
    verdict="found by $failure"
  else
    tail -n 5 "$log" >&2
    printf 'mutants.sh: the tests for %s did not run\n' "$fault" >&2
    exit 2
  fi
  printf '%-26s %4d s  %s\n' "$fault" $((SECONDS - start)) "$verdict"
done
printf '%d of %d planted faults were found.\n' $((${#faults[@]} - missed)) "${#faults[@]}"
((missed == 0))
