#!/usr/bin/env bash
# Runs the tests under the sanitizers for addresses and for threads.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: sanitize.sh [--units] [address] [thread]        (or: make sanitize)

Builds everything with each of the two sanitizers, in folders of their own (.build-address, .build-thread), and runs the tests
of each target; without --units also integration tests, whose hubs, edges and feeders are sanitized programs. A report ends the
process that it is about, and is kept in .build-KIND/reports. Exit status: 0 if there is no report and no test failed,
otherwise 1; 2 for wrong arguments.

Swift on Linux has no sanitizer for undefined behaviour: its own checks trap in any build. These tests are left out:

TEXT
  sed -n "s/^# left out: /  /p" "${BASH_SOURCE[0]}"
}

# left out: SimulationTests: pure code in one thread, without unsafe code. The sanitizers have nothing to look at there.
# left out: Load…, Loss…, Exactness…, Chaos…, Rate…, Rebalance…, FullEdge…, SlowWatcher…, Rejoin…, SecureClients…, StuckLog…, TwoHubs…: they
# left out:   measure, or need so much traffic within a time that a program several times slower cannot make it.
# left out: Browser…, Pages…, Dashboard…, Client…, Proxy, Road…, Recipes, FeederExample, Alerts, LoadAlerts: other programs.
# left out:   What they reach in ours, the other tests reach too.
readonly slow='LoadTests|LossTests|ExactnessTests|ChaosTests|RateTests|RebalanceTests|FullEdgeTests|SlowWatcherTests|RejoinTests|SecureClientsTests|StuckLogTests|TwoHubs'
readonly foreign='Browser|PagesTests|DashboardAccess|ClientLibraries|ClientJourney|ProxyTests|Road|ProxiesDocument|RecipesTests|FeederExample|AlertsTests'

cd "$(dirname "${BASH_SOURCE[0]}")/.."
units=''
kinds=()
for word in "$@"; do
  case $word in
    --help | -h) usage && exit 0 ;;
    --units) units=yes ;;
    address | thread) kinds+=("$word") ;;
    *)
      printf 'sanitize.sh: there is no sanitizer %s here: the arguments are --units, address, thread\n' "$word" >&2
      exit 2
      ;;
  esac
done
if ((${#kinds[@]} == 0)); then kinds=(address thread); fi

# The integration tests give their processes an environment of their own, so each program is a script that sets the options.
wrap_programs() { # folder of the programs, folder for the scripts, library to preload or nothing
  local name
  mkdir -p "$2"
  for name in emojitrack-hub emojitrack-edge emojitrack-feeder emojitrack-bench; do
    # The options are for the script that is written, not for this one.
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexport ASAN_OPTIONS="%s" TSAN_OPTIONS="%s" LD_PRELOAD="%s"\nexec "%s" "$@"\n' \
      "$ASAN_OPTIONS" "$TSAN_OPTIONS" "$3" "$1/$name" >"$2/$name"
    chmod +x "$2/$name"
  done
}

sanitize() { # kind
  local kind=$1 scratch=$PWD/.build-$1 start=$SECONDS failed='' preloaded='' folder
  local reports=$scratch/reports
  local swift=(--sanitize="$kind" --scratch-path "$scratch")
  printf '== %s: build\n' "$kind"
  swift build --build-tests "${swift[@]}"
  printf '== %s: built in %d s\n' "$kind" $((SECONDS - start))
  rm -rf -- "$reports"
  mkdir -p "$reports"
  # Leaks are not looked for: what Swift and OpenSSL make once is never freed, and none of it grows.
  export ASAN_OPTIONS="detect_leaks=0:log_path=$reports/address"
  # A report must end the process, or the test that caused it would pass.
  export TSAN_OPTIONS="halt_on_error=1:log_path=$reports/thread:suppressions=$PWD/Tests/Sanitizers/thread-suppressions.txt"
  if [[ $kind == thread ]]; then
    preloaded=$scratch/mutex.so
    "$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O1 -fPIC -shared -o "$preloaded" Tests/Sanitizers/mutex.c
  fi
  start=$SECONDS
  LD_PRELOAD=$preloaded SWIFT_DETERMINISTIC_HASHING=1 swift test "${swift[@]}" --skip-build --skip '^(IntegrationTests|SimulationTests|TidyTests)' \
    || failed=yes
  printf '== %s: tests of each target: %d s\n' "$kind" $((SECONDS - start))
  if [[ -z $units ]]; then
    start=$SECONDS
    folder=$(swift build "${swift[@]}" --show-bin-path)
    wrap_programs "$folder" "$scratch/wrapped" "$preloaded"
    LD_PRELOAD=$preloaded EMOJITRACK_BINARIES=$scratch/wrapped swift test "${swift[@]}" --skip-build --filter '^IntegrationTests' \
      --skip "$slow|$foreign" || failed=yes
    printf '== %s: integration tests: %d s\n' "$kind" $((SECONDS - start))
  fi
  if compgen -G "$reports/*" >/dev/null; then
    grep -h -m 3 -e 'ERROR: ' -e 'WARNING: ' -e 'SUMMARY: ' "$reports"/* >&2
    printf '== %s: REPORTS in %s\n' "$kind" "$reports" >&2
    failed=yes
  fi
  if [[ -n $failed ]]; then
    printf '== %s: FAILED\n' "$kind" >&2
    return 1
  fi
  printf '== %s: no report\n' "$kind"
}

status=0
for kind in "${kinds[@]}"; do
  # Not as a condition, in which a failing build would not end the function.
  set +e
  (set -e && sanitize "$kind")
  ended=$?
  set -e
  ((ended == 0)) || status=1
done
exit "$status"
