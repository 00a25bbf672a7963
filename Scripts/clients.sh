#!/usr/bin/env bash
# The longer run for clients: installs the libraries of Docs/clients.md, and sends each through drains, a kill and a new lineage.
# A quarter of an hour with the builds, some minutes without. Needs root for apt, and PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

Scripts/install.sh --with-browser --with-proxies --with-clients
packages=(golang-go golang-github-donovanhide-eventsource-dev nodejs node-eventsource firefox-esr python3-pip)
missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -qq "${missing[@]}" >/dev/null
fi

EMOJITRACK_CLIENT_LIBRARIES=${EMOJITRACK_CLIENT_LIBRARIES:-$PWD/.build/clients}
export EMOJITRACK_CLIENT_LIBRARIES
Tests/Clients/install.sh "$EMOJITRACK_CLIENT_LIBRARIES"
if [[ -z ${EMOJITRACK_BINARIES:-} ]]; then
  swift build -c release
  EMOJITRACK_BINARIES=$(swift build -c release --show-bin-path)
  export EMOJITRACK_BINARIES
fi
swift build --build-tests
swift test --skip-build --filter '^IntegrationTests.*(ClientLibraries|ClientJourney|BrowserJourney|Recipes|BrowserClient|RecordClients)Tests'
