#!/usr/bin/env bash
# Runs libFuzzer on what enters the product from outside.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: fuzz.sh [--seconds 60] [target…]        (or: make fuzz TARGET=http2 SECONDS=900)
       fuzz.sh --replay FILE target            (or: make fuzz TARGET=http2 INPUT=FILE)
       fuzz.sh --list

Builds the targets of Tests/FuzzTests with libFuzzer and the address sanitizer (the first time some minutes), and runs each
of them, or the named ones, one after the other for so many seconds. What was learnt stays in .build-fuzz/corpus, and the
next run goes on from there; `make clean` removes it. At the first finding it ends: it prints where the input is, and how to
replay it. Exit status: 0 without a finding, 1 with one, 2 for wrong arguments, or if the build fails.
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly scratch=.build-fuzz pulse_seconds=10
seconds=60 replay='' list=''
while (($# > 0)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --list) list=yes && shift ;;
    --seconds | --replay)
      if (($# < 2)); then
        printf 'fuzz.sh: %s needs a value; see --help\n' "$1" >&2
        exit 2
      fi
      if [[ $1 == --seconds ]]; then seconds=$2; else replay=$2; fi
      shift 2
      ;;
    -*)
      printf 'fuzz.sh: there is no option %s; see --help\n' "$1" >&2
      exit 2
      ;;
    *) break ;;
  esac
done
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  printf 'fuzz.sh: --seconds must be a whole number from 1 on, not %s\n' "$seconds" >&2
  exit 2
fi
if [[ -n $replay ]] && { (($# != 1)) || [[ ! -r $replay ]]; }; then
  printf 'fuzz.sh: --replay takes one file that can be read, and the name of one target; see --help\n' >&2
  exit 2
fi

# -enable-testing: the targets reach what is internal. -assert-config: an assertion that fails is a finding too.
export EMOJITRACK_FUZZING=1
build=(swift build -c release --scratch-path "$scratch" --product FuzzTests -Xswiftc '-sanitize=fuzzer,address'
  -Xswiftc -enable-testing -Xswiftc -assert-config -Xswiftc Debug)
mkdir -p "$scratch"
if ! "${build[@]}" >"$scratch/build.log" 2>&1; then
  tail -n 20 "$scratch/build.log" >&2
  printf 'fuzz.sh: the build failed; all of its output is in %s/build.log\n' "$scratch" >&2
  exit 2
fi
program=$scratch/release/FuzzTests
# Swift's own backtracer would take the signal, and libFuzzer would not keep the input.
export SWIFT_BACKTRACE=enable=no

declare -A size_of subject_of
names=()
while read -r name size subject; do
  names+=("$name")
  size_of[$name]=$size subject_of[$name]=$subject
done < <(EMOJITRACK_FUZZ_TARGET='' "$program")

list_targets() {
  local name
  for name in "${names[@]}"; do printf '  %-11s %s\n' "$name" "${subject_of[$name]}"; done
}
if [[ -n $list ]]; then
  list_targets
  exit 0
fi
for name in "$@"; do
  if [[ -z ${size_of[$name]-} ]]; then
    printf 'fuzz.sh: there is no target %s. The targets are:\n' "$name" >&2
    list_targets >&2
    exit 2
  fi
done

if [[ -n $replay ]]; then
  EMOJITRACK_FUZZ_TARGET=$1 exec "$program" "$replay"
fi

# What libFuzzer last said about its progress: executions, covered edges, executions a second.
progress() { # log
  grep -o '^#[0-9]*.*cov: [0-9]*.*exec/s: [0-9]*' "$1" | tail -n 1 \
    | sed -E 's/^#([0-9]+).*cov: ([0-9]+).*exec\/s: ([0-9]+).*/\1 inputs, \2 edges covered, \3 a second/'
}

stop() { # ends the run that is under way, at Ctrl-C
  [[ -z ${run-} ]] || kill "$run" 2>/dev/null || true
  exit 130
}
trap stop INT TERM

# Leaks are not looked for, because that takes most of the time; the target of HTTP/2, where objects hold each other, does so
# itself.
fuzz() { # target
  local name=$1 folder=$scratch/corpus/$1 seeds=$scratch/seeds/$1 log=$scratch/$1.log next=$pulse_seconds start=$SECONDS
  local status=0 input
  rm -rf -- "$seeds"
  mkdir -p "$folder" "$seeds" "$scratch/findings"
  printf '== %s: %s, for %d s\n' "$name" "${subject_of[$name]}" "$seconds"
  EMOJITRACK_FUZZ_TARGET=$name EMOJITRACK_FUZZ_SEEDS=$seeds "$program" "$folder" "$seeds" \
    -detect_leaks=0 -max_total_time="$seconds" -max_len="${size_of[$name]}" -timeout=10 -rss_limit_mb=2048 -reload=0 -print_final_stats=1 \
    -artifact_prefix="$scratch/findings/$name-" >"$log" 2>&1 </dev/null &
  run=$!
  while kill -0 "$run" 2>/dev/null; do
    sleep 1
    if ((SECONDS - start >= next)); then
      printf '   %4d s: %s\n' $((SECONDS - start)) "$(progress "$log")"
      next=$((next + pulse_seconds))
    fi
  done
  wait "$run" || status=$?
  run=''
  if ((status == 0)); then
    printf '   nothing found: %s\n' "$(progress "$log")"
    return
  fi
  input=$(sed -n 's/^artifact_prefix=.*Test unit written to //p' "$log" | tail -n 1)
  grep -m 5 -e 'Fatal error' -e 'ERROR: ' -e 'SUMMARY: ' "$log" >&2 || tail -n 5 "$log" >&2
  printf '== %s: FOUND something, see %s\n' "$name" "$log" >&2
  if [[ -n $input ]]; then
    printf '   The input is kept. Replay it:  make fuzz TARGET=%s INPUT=%s\n' "$name" "$input" >&2
    printf '   Then make it a test of the target that it reaches, and mend that.\n' >&2
  fi
  exit 1
}

if (($# == 0)); then set -- "${names[@]}"; fi
for name in "$@"; do fuzz "$name"; done
printf '== No finding in %d targets.\n' "$#"
