#!/usr/bin/env bash
# Builds the Debian packages, and examines them with lintian. The same source gives the same bytes wherever its folder is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
Usage: Scripts/deb.sh [--out DIR] [--release]

Builds emojitrack-hub, emojitrack-edge and emojitrack-tools for this machine's architecture, with Swift's runtime inside.
Needs the Swift toolchain, debhelper, lintian and the packages that building needs (Scripts/install.sh).

  --out DIR  where to put them (default .build-deb)
  --release  the version as it is, for a commit that gets its tag afterwards

The version is that of Sources/Service/Process/ServiceVersion.swift. Where the commit has no tag of it (v0.1.0), the time of
the commit and its name are added, such that later commits have greater versions.
TEXT
}

fail() { # message, remedy
  printf 'deb.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 69
}

out=.build-deb is_release=false
while (($#)); do
  case $1 in
    --out) out=${2:?--out needs a folder} && shift 2 ;;
    --release) is_release=true && shift ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
  esac
done
for pair in dh:debhelper dpkg-buildpackage:dpkg-dev lintian:lintian python3:python3; do
  command -v "${pair%%:*}" >/dev/null || fail "${pair%%:*} is missing." "apt-get install ${pair#*:}"
done

released=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Service/Process/ServiceVersion.swift)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
version=$released
if ! $is_release && ! git tag --points-at HEAD | grep -qxF "v$released"; then
  version+="~git$(date -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$(git rev-parse --short=8 HEAD)"
fi

printf '== Build %s\n' "$version"
binaries=$(Scripts/static.sh)

printf '== Package\n'
workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
tree=$workshop/emojitrack-relay-$version
mkdir "$tree"
git ls-files -z Deploy Docs Sources/Service CHANGELOG.md | xargs -0 cp --parents --target-directory "$tree"
cp -r Deploy/debian "$tree/debian"
mkdir "$tree/binaries"
cp "$binaries"/emojitrack-{hub,edge,feeder,bench} "$tree/binaries/"
# The mode of a file depends on who made it.
chmod -R u=rwX,go=rX "$tree"
cat >"$tree/debian/changelog" <<TEXT
emojitrack-relay ($version) unstable; urgency=medium

  * What changed is in the file CHANGELOG.md.

 -- emojitrack-relay maintainers <maintainers@emojitrack-relay.invalid>  $(date -R -d "@$SOURCE_DATE_EPOCH")
TEXT
# -d: the toolchain is no package, and the commands are built.
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign -d >"$workshop/log" 2>&1) ||
  { tail -n 40 "$workshop/log" >&2 && fail 'dpkg-buildpackage failed (above).' 'See its output.'; }
mkdir -p "$out"
rm -f "$out"/emojitrack-*.deb
mv "$workshop"/*.deb "$out/"

printf '== Examine with lintian\n'
lintian -EvIL +pedantic --fail-on error,warning,info,pedantic "$out"/emojitrack-*.deb
(cd "$out" && sha256sum -- emojitrack-*.deb)
