#!/usr/bin/env bash
# Runs hubs and edges of an older version beside those of this one, and upgrades a fleet under load, in the lab.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Before the first release: the last commit whose link speaks version 1 alone.
readonly first=026ae50
readonly scenarios=(older-hubs older-edges upgrade-hubs-first upgrade-edges-first upgrade-taken-back)

usage() {
  cat <<TEXT
Usage: Scripts/upgrade-check.sh [REF] [SCENARIO…]        (or: make upgrade-check REF=v1.2.0)

Builds the commands of REF, an older version of this repository, and runs scenarios of the lab with them and with those of
the present sources: hubs of one version with edges of the other, an upgrade with hubs first, one with edges first, and one
that is taken back. 200 clients without any code of ours compare each increment with Redis, and 1,000 more their sums.
Fails if one of them loses or doubles anything, or is reset. Half an hour with the builds; needs root. Docs/lab.md.

  REF        a tag or commit (default: the latest release, or $first while there is none)
  SCENARIO   of: ${scenarios[*]} (default: all)

Environment:
  EMOJITRACK_BINARIES   the folder of the present commands, instead of building them
  LAB_OLDER             the folder of the older commands, instead of building them
  LAB_CLIENTS           how many clients there are beside the 200 (default 1000)
TEXT
}
fail() { # message, remedy
  printf 'upgrade-check.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 69
}

case ${1:-} in
  --help | -h) usage && exit 0 ;;
  -*) usage >&2 && exit 64 ;;
esac
reference=${1:-$(git tag --list 'v*' --sort=-version:refname --no-contains HEAD | head -n 1)}
reference=${reference:-$first}
shift $(($# > 0))
((EUID == 0)) || fail 'network namespaces need root.' 'sudo make upgrade-check'
older=$(git rev-parse --quiet --verify "$reference^{commit}") ||
  fail "this repository has no commit '$reference'." 'git fetch --tags --unshallow'

Scripts/install.sh --with-lab
if [[ -z ${LAB_OLDER:-} ]]; then
  # Kept, so that the next run only builds what changed.
  source=$PWD/.build-older/source
  printf '== Build %s (%s)\n' "$reference" "$(git log -1 --format='%h, %as' "$older")"
  rm -rf -- "$source"
  mkdir -p "$source"
  git archive "$older" | tar --extract --directory "$source"
  swift build -c release --package-path "$source" --scratch-path .build-older/build >&2
  LAB_OLDER=$(swift build -c release --package-path "$source" --scratch-path .build-older/build --show-bin-path)
fi
if [[ -z ${EMOJITRACK_BINARIES:-} ]]; then
  printf '== Build the present commands\n'
  swift build -c release >&2
  EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
fi
export LAB_OLDER
if (($# == 0)); then set -- "${scenarios[@]}"; fi
printf '== %s beside the present commands\n' "$reference"
exec python3 -B Scripts/lab --binaries "$EMOJITRACK_BINARIES" "$@"
