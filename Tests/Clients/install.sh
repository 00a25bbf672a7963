#!/usr/bin/env bash
# Installs the client libraries that ClientLibrariesTests and ClientJourneyTests test: those for Python and Deno from PyPI, each into a
# folder of its own, because two of them have the same module name. Builds the program with Debian's library for Go.
# Then: EMOJITRACK_CLIENT_LIBRARIES=FOLDER swift test --filter 'IntegrationTests.*Client(Libraries|Journey)Tests'
set -euo pipefail

folder=$(realpath -m "${1:?Usage: install.sh FOLDER}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in httpx-sse==0.4.3 sseclient==0.0.27 sseclient-py==1.9.0 aiosseclient==0.1.8 requests-sse==0.5.3 \
  aiohttp-sse-client==0.2.1 py-sse-client==1.0.1 launchdarkly-eventsource==1.7.4 httpx-http2 deno==2.9.8; do
  packages=("$library")
  case $library in
    httpx-http2) packages=('httpx[http2]==0.28.1') ;;
    httpx-sse*) packages+=(httpx==0.28.1) ;;
    sseclient-py*) packages+=(requests==2.34.2) ;;
    aio* | py-sse*) packages+=(aiohttp==3.14.5) ;;
  esac
  [[ -d $folder/${library%%==*} ]] ||
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
      --target "$folder/${library%%==*}" "${packages[@]}"
done
if command -v go >/dev/null && [[ -d /usr/share/gocode/src/github.com/donovanhide/eventsource ]]; then
  GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE=$folder/go/cache \
    go build -o "$folder/go/eventsource" "$here/go-eventsource/main.go"
fi
