#!/usr/bin/env bash
# Makes a release: everything that is published, and its tag last. The same commit gives the same files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
Usage: Scripts/release.sh [--dry-run] [--without-images] [-- OPTION…]        (or: make release)

Puts into .build-release: the Debian packages, the container images as archives, the source with the resolved versions of
its dependencies, an inventory of what is in the programs (CycloneDX), the section of CHANGELOG.md, and SHA256SUMS. Then
makes the annotated tag. The version is that of Sources/Service/Process/ServiceVersion.swift. Nothing is pushed.

Refuses if a file is changed or not committed, if the tag exists, if CHANGELOG.md has no section of the version, or if
Docs/dependencies.md names other versions than those that were built.

  --dry-run          without the tag; a section [Unreleased] is enough
  --without-images   without images, where buildah or root is missing; NOTES.md says so
  -- OPTION…         for Scripts/images.sh, such as --debian
TEXT
}
fail() { # message, remedy
  printf 'release.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

makes_tag=true makes_images=true
while (($#)); do
  case $1 in
    --dry-run) makes_tag=false && shift ;;
    --without-images) makes_images=false && shift ;;
    --help | -h) usage && exit 0 ;;
    --) shift && break ;;
    *) usage >&2 && exit 64 ;;
  esac
done

readonly out=.build-release
version=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Service/Process/ServiceVersion.swift)
[[ $version =~ ^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-[0-9A-Za-z.-]+)?$ ]] ||
  fail "ServiceVersion.swift has the version '$version'." 'It must be one in the sense of semver.org, such as 0.1.0.'
[[ -z $(git status --porcelain) ]] || fail 'there are changes that are not committed.' 'git status; commit them, or remove them.'
! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null ||
  fail "the tag v$version exists." 'Raise the version in Sources/Service/Process/ServiceVersion.swift.'
section() { # title: its lines in CHANGELOG.md, without the title
  awk -v title="## [$1]" 'index($0, "## ") == 1 { inside = index($0, title) == 1; next } inside' CHANGELOG.md
}
changes=$(section "$version")
if [[ -z $changes ]] && ! $makes_tag; then changes=$(section Unreleased); fi
[[ -n $changes ]] || fail "CHANGELOG.md has no section [$version]." "Name it '## [$version] - $(date -u +%Y-%m-%d)', above what it contains."
if $makes_images; then
  for command in buildah skopeo jq; do
    command -v "$command" >/dev/null ||
      fail "$command is missing, which images need." 'apt-get install buildah skopeo jq; or --without-images'
  done
  ((EUID == 0)) || fail 'images need root.' 'Run it as root; or --without-images'
fi

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
rm -rf -- "$out"
mkdir -p "$out"

Scripts/deb.sh --release --out "$out"

printf '== List what is in the programs\n'
Scripts/sbom.py --version "$version" --build .build-static >"$out/emojitrack-relay-$version.cdx.json"

if $makes_images; then
  # The very programs of the packages.
  for package in "$out"/*.deb; do dpkg-deb --extract "$package" "$workshop/root"; done
  Scripts/images.sh --programs "$workshop/root/usr/bin" "$@"
  for program in hub edge feeder; do
    image=ghcr.io/example/emojitrack-$program:$version archive=$out/emojitrack-$program-$version.image.tar
    skopeo copy --quiet "containers-storage:$image" "docker-archive:$archive:emojitrack-$program:$version"
    gzip --no-name --best "$archive"
  done
fi

printf '== Pack the source\n'
# With the resolved versions, so that a build of it takes the same packages.
git archive --format=tar --prefix="emojitrack-relay-$version/" --add-file=Package.resolved HEAD |
  gzip --no-name --best >"$out/emojitrack-relay-$version.tar.gz"
{
  printf '# emojitrack-relay %s\n\nCommit %s of %s.\n' "$version" "$(git rev-parse HEAD)" "$(git log -1 --format=%cs)"
  $makes_images || printf 'Without container images: they were left out when this release was made.\n'
  printf '%s\n' "$changes"
} >"$out/NOTES.md"
(cd "$out" && sha256sum -- * >"$workshop/sums" && mv "$workshop/sums" SHA256SUMS)

printf '== %s\n' "$out"
(cd "$out" && du --apparent-size --human-readable -- *)
if $makes_tag; then
  git tag --annotate --file "$out/NOTES.md" --cleanup=verbatim "v$version"
  printf '== Tagged v%s. To publish: git push origin v%s\n' "$version" "$version"
else
  printf '== No tag, because this is a trial\n'
fi
