#!/usr/bin/env bash
# Builds the commands with Swift's runtime inside, for machines without it, and prints the folder where they are. The same
# source gives the same bytes wherever its folder is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

here=$PWD
options=(-c release --static-swift-stdlib --scratch-path "$here/.build-static")
# Paths in messages and in what debuggers read are those of the package, not of this machine.
for flag in -file-prefix-map -debug-prefix-map; do
  options+=(-Xswiftc "$flag" -Xswiftc "$here=/emojitrack-relay")
done
# Addresses of functions are bound at the start, and read-only after it.
options+=(-Xlinker -z -Xlinker now)
# The linker's hash would differ with the folder.
options+=(-Xlinker --build-id=none)
options+=(-Xcc "-ffile-prefix-map=$here=/emojitrack-relay")
swift build "${options[@]}" >&2
swift build "${options[@]}" --show-bin-path
