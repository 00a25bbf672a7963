#!/usr/bin/env bash
# Builds the container images with buildah.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly usage='Usage: Scripts/images.sh [--programs FOLDER] [--debian] [--repository NAME] [-- OPTION…]

Builds emojitrack-hub, emojitrack-edge and emojitrack-feeder from Deploy/container/Dockerfile, with the version of
Sources/Service/Process/ServiceVersion.swift as their tag, into the storage of buildah and podman. Prints the id and the size of each.
Needs buildah, skopeo and jq, as root or with user namespaces.

  --programs FOLDER  take the three programs from there, built by Scripts/static.sh, instead of building them in the
                     image of the Swift toolchain
  --debian           make the base from the packages of Debian bookworm with mmdebstrap, instead of pulling it; needs
                     mmdebstrap and root
  --repository NAME  what comes before emojitrack-hub in the names of the images (default ghcr.io/example, as in
                     Deploy/compose.yaml and Deploy/kubernetes)
  -- OPTION…         further options of buildah build, such as --build-arg RUNTIME_BASE=…'

fail() { # message, remedy, status
  printf 'images.sh: %s\n  %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}

programs='' makes_base=false repository=ghcr.io/example
while (($#)); do
  case $1 in
    --help | -h) printf '%s\n' "$usage" && exit 0 ;;
    --programs) (($# > 1)) || fail '--programs needs a folder.' 'See --help.' 64; programs=$2 && shift 2 ;;
    --repository) (($# > 1)) || fail '--repository needs a name.' 'See --help.' 64; repository=$2 && shift 2 ;;
    --debian) makes_base=true && shift ;;
    --) shift && break ;;
    *) fail "there is no option $1" 'See --help.' 64 ;;
  esac
done
for command in buildah skopeo jq; do
  command -v "$command" >/dev/null || fail "$command is missing." 'apt-get install buildah skopeo jq' 69
done

version=$(sed -n 's/.*static let current = "\(.*\)"/\1/p' Sources/Service/Process/ServiceVersion.swift)
[[ -n $version ]] || fail 'ServiceVersion.swift names no version.' 'It must have a line: static let current = "…"'
revision=$(git rev-parse HEAD)
if [[ -n $(git status --porcelain) ]]; then revision+=-changed; fi

# An image has the same id whenever it is built from the same files: it has no time in it, and no intermediate image,
# whose id would be in its history (and see settle). Nothing comes from a cache, so each build takes the present packages of Debian.
options=(--file Deploy/container/Dockerfile --ignorefile Deploy/container/Dockerfile.dockerignore
  --format docker --timestamp 0 --layers=false --no-cache --quiet --build-arg VERSION="$version" --build-arg REVISION="$revision")
if [[ -n $programs ]]; then
  for program in hub edge feeder; do
    [[ -x $programs/emojitrack-$program ]] ||
      fail "$programs has no emojitrack-$program." 'Scripts/static.sh; strip each'
  done
  options+=(--build-context programs="$(realpath "$programs")")
fi
readonly debian=localhost/emojitrack-base:bookworm
if $makes_base; then options+=(--build-arg RUNTIME_BASE="$debian"); fi
# A base of before is good enough, because the build installs the present packages of the libraries that it takes.
workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
if $makes_base && ! buildah images "$debian" >/dev/null 2>&1; then
  command -v mmdebstrap >/dev/null || fail 'mmdebstrap is missing.' 'apt-get install mmdebstrap' 69
  printf '== Make the base from packages of Debian\n'
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,libhiredis0.14,libssl3,libstdc++6,liburing2 \
    bookworm "$workshop/base.tar"
  base=$(buildah from scratch)
  buildah add --quiet "$base" "$workshop/base.tar" / >/dev/null
  buildah commit --quiet --rm "$base" "$debian" >/dev/null
fi

# In Docker's format, which alone has a health check, the configuration of an image names the container in which it was made.
# This takes that out, and prints the id of the result: the digest of its configuration.
settle() { # id, name
  local folder=$workshop/image config digest
  rm -rf -- "$folder"
  skopeo copy --quiet "containers-storage:$1" "dir:$folder"
  config=$folder/$(jq -r '.config.digest | ltrimstr("sha256:")' "$folder/manifest.json")
  jq -cj 'del(.container) | .config.Hostname = "" | .container_config.Hostname = ""' "$config" >"$workshop/config"
  rm "$config"
  digest=$(sha256sum "$workshop/config" | cut -d' ' -f1)
  jq -c --arg digest "sha256:$digest" --argjson size "$(wc -c <"$workshop/config")" \
    '.config.digest = $digest | .config.size = $size' "$folder/manifest.json" >"$workshop/manifest"
  mv "$workshop/config" "$folder/$digest"
  mv "$workshop/manifest" "$folder/manifest.json"
  skopeo copy --quiet "dir:$folder" "containers-storage:$2"
  printf '%s\n' "$digest"
}

for program in hub edge feeder; do
  image=$repository/emojitrack-$program:$version
  printf '== Build %s\n' "$image"
  before=$(buildah images --quiet --no-trunc "$image" 2>/dev/null || true)
  raw=$(buildah build "${options[@]}" "$@" --target "$program" .)
  id=$(settle "$raw" "$image")
  # Images that have no name, and that nothing needs any more: the one before settle, and the one that had this name.
  for other in "$raw" "${before#sha256:}"; do
    if [[ $other != "$id" ]] && grep -qxF "sha256:$other" <(buildah images --quiet --no-trunc --filter dangling=true); then
      buildah rmi "$other" >/dev/null
    fi
  done
  printf '   %s  %s\n' "$id" "$(buildah images --format '{{.Size}}' "$id")"
done
