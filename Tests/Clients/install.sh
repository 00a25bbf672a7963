#!/usr/bin/env bash
# Installs the Python client libraries with which ClientLibrariesTests listens, each into a folder of its own: two of them are one
# module by name. Then: EMOJITRACK_PYTHON_LIBRARIES=FOLDER swift test --filter ClientLibrariesTests
set -euo pipefail

folder=${1:?Usage: install.sh FOLDER}
for library in httpx-sse==0.4.3 sseclient==0.0.27 sseclient-py==1.9.0 aiosseclient==0.1.8 requests-sse==0.5.3; do
  packages=("$library")
  case $library in
    httpx-sse*) packages+=(httpx==0.28.1) ;;
    sseclient-py*) packages+=(requests) ;;
  esac
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder/${library%%==*}" "${packages[@]}"
done
