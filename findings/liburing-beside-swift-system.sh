#!/usr/bin/env bash
# A Swift program cannot use liburing 2.3 (Debian 12) through a module map once it also imports swift-system 1.8.1, for example through
# another package: swift-system's C module includes the kernel's <linux/io_uring.h>, and liburing.h includes a copy of its own,
# <liburing/io_uring.h>, with other definitions of the same types. Each module alone is fine.
# A package with a module map for liburing.h and a program that calls one function of each.
# Result: with Swift 6.3.1 the program compiles with liburing alone, and with both fails: a member "from module 'CSystem' is not present in
# definition of 'union io_uring_sqe…' in module 'CUring'". The remedy is C code that includes liburing.h and shows Swift none of its types.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[[ $(dpkg-query --show --showformat '${Version}' liburing-dev 2>/dev/null) == 2.3-* ]] || apt-get install -y -qq liburing-dev=2.3-3
mkdir -p "$folder/Sources/CUring" "$folder/Sources/Program"
cd "$folder"
printf 'module CUring [system] {\n  header "shim.h"\n  link "uring"\n  export *\n}\n' >Sources/CUring/module.modulemap
echo '#include <liburing.h>' >Sources/CUring/shim.h

build() { # whether swift-system is there too
  local dependency='' product='' import='' use=''
  if [[ $1 == both ]]; then
    dependency='.package(url: "https://github.com/apple/swift-system", exact: "1.8.1")'
    product=', .product(name: "SystemPackage", package: "swift-system")'
    import='import SystemPackage'
    use='print(Errno.badAddress)'
  fi
  cat >Package.swift <<SWIFT
// swift-tools-version: 6.0
import PackageDescription
let package = Package(
  name: "trial", dependencies: [$dependency],
  targets: [.systemLibrary(name: "CUring"), .executableTarget(name: "Program", dependencies: ["CUring"$product])])
SWIFT
  printf 'import CUring\n%s\nvar ring = io_uring()\nprint(io_uring_sq_ready(&ring) &+ 0)\n%s\n' "$import" "$use" >Sources/Program/program.swift
  swift build 2>&1
}

swift --version 2>/dev/null | head -n 1
build alone >alone.log || { tail -n 5 alone.log; exit 1; }
echo 'liburing alone: compiles'
if build both >both.log; then
  echo 'liburing and swift-system: compiles'
  exit 1
fi
grep -m 1 "from module 'CSystem' is not present in definition of 'union io_uring_sqe" both.log
