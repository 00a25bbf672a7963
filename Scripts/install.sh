#!/usr/bin/env bash
# Installs missing packages for building, testing and running with apt; where that is not possible, prints
# what to do. The scripts run a private Redis: the system service of its package stays disabled.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: install.sh [--without-redis] [--with-browser] [--with-promtool] [--with-networks] [--with-proxies]
                  [--with-feeders] [--with-clients] [--with-road] [--with-lab]

Looks for the Swift toolchain, the libraries and the commands that emojitrack-relay needs, and installs with apt what
is missing. Needs root, or sudo without a password; otherwise prints the command to type.

  --without-redis   without redis-server, for a Redis elsewhere
  --with-browser    also Chromium, for the tests of the pages
  --with-clients    also Python with httpx, requests and aiohttp, for the tests of the client recipes, GnuTLS's
                    client, and nghttp and h2load; if one is not available, its tests are skipped
  --with-feeders    also Python, Ruby and Node with their Redis clients, for the tests of the example feeders; if one
                    is not available, the tests of its feeder are skipped
  --with-promtool   also Prometheus and its promtool, for the tests of metrics and alerts; if they are not available,
                    these tests are skipped
  --with-networks   also ip, dnsmasq and Python, for the tests that need networks of their own; only as root, because
                    these tests are skipped without root
  --with-proxies    also nginx and HAProxy, for the tests of pages and streams behind a proxy
  --with-lab        also what `make lab` needs: nftables, conntrack, ethtool, faketime, PowerDNS, and what
                    --with-networks, --with-proxies, --with-clients and --with-browser install
  --with-road       also Python with pip, and all proxies in Debian that `make road` runs
TEXT
}

fail() { # message, remedy
  printf 'install.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

redis=true browser=false promtool=false networks=false proxies=false feeders=false clients=false road=false lab=false
for argument in "$@"; do
  case $argument in
    --without-redis) redis=false ;;
    --with-browser) browser=true ;;
    --with-promtool) promtool=true ;;
    --with-networks) networks=true ;;
    --with-proxies) proxies=true ;;
    --with-feeders) feeders=true ;;
    --with-clients) clients=true ;;
    --with-road) road=true ;;
    --with-lab) lab=true networks=true proxies=true clients=true browser=true ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
  esac
done

# The toolchain comes first: apt does not have it.
manifest=$(dirname "${BASH_SOURCE[0]}")/../Package.swift
needed=$(sed -n 's,^// swift-tools-version: *,,p' "$manifest")
command -v swift >/dev/null ||
  fail "Swift is missing: the 'swift' command of version $needed or newer is not in PATH." \
    "Install it from https://www.swift.org/install/linux/ and open a new shell."
found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
[[ -n $found ]] || fail "'swift --version' does not print a version." "Run it to find out what is wrong with the toolchain."
[[ $(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -n 1) == "$needed" ]] ||
  fail "Swift $found is too old: version $needed or newer is needed." \
    "Install it from https://www.swift.org/install/linux/ and open a new shell."

packages=()
need_command() { command -v "$1" >/dev/null || packages+=("$2"); } # command, package
need_library() { # name for pkg-config, package
  if ! command -v pkg-config >/dev/null || ! pkg-config --exists "$1"; then packages+=("$2"); fi
}
need_command pkg-config pkg-config
need_library hiredis libhiredis-dev
need_library openssl libssl-dev
need_library liburing liburing-dev
need_command openssl openssl
need_command curl curl
if $redis; then need_command redis-server redis-server; fi
if $browser; then need_command chromium chromium; fi
if $networks && ((EUID == 0)); then
  need_command ip iproute2
  need_command dnsmasq dnsmasq-base
  need_command python3 python3
  PATH=$PATH:/usr/sbin need_command sysctl procps
fi
if $proxies; then
  # Their folder may be missing in the path.
  PATH=$PATH:/usr/sbin need_command nginx nginx-light
  PATH=$PATH:/usr/sbin need_command haproxy haproxy
fi
if $road; then
  for pair in varnishd:varnish lighttpd:lighttpd apache2:apache2-bin traffic_server:trafficserver squid:squid h2o:h2o \
    nghttpx:nghttp2-proxy; do
    PATH=$PATH:/usr/sbin need_command "${pair%%:*}" "${pair#*:}"
  done
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
fi
if $lab; then
  for pair in nft:nftables conntrack:conntrack ethtool:ethtool faketime:faketime pdns_server:pdns-server; do
    PATH=$PATH:/usr/sbin need_command "${pair%%:*}" "${pair#*:}"
  done
  # PowerDNS only recommends the part of it that reads zone files.
  compgen -G '/usr/lib/*/pdns/libbindbackend.so' >/dev/null || packages+=(pdns-backend-bind)
fi

# The following is optional: no program of this project needs it to run.
want() { # whose tests are skipped without it, a command that succeeds if it is installed, package
  if bash -c "$2" >/dev/null 2>&1; then return; fi
  if is_known "$3"; then
    packages+=("$3")
  else
    printf 'install.sh: %s is missing and not available here: the tests of %s are skipped.\n' "$3" "$1" >&2
  fi
}
updated=false
is_known() { # package
  command -v apt-cache >/dev/null || return 1
  apt-cache show "$1" >/dev/null 2>&1 && return
  # The package lists may be missing, as in a fresh container.
  if ! $updated; then
    updated=true
    become_root && apt update -qq && apt-cache show "$1" >/dev/null 2>&1
  else
    return 1
  fi
}
privilege=()
become_root() {
  ((EUID == 0)) && return
  command -v sudo >/dev/null && sudo -n true 2>/dev/null && privilege=(sudo -n)
}
apt() { "${privilege[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
if $feeders; then
  want 'the feeder in Python' 'python3 -c "import redis" || /usr/bin/python3 -c "import redis"' python3-redis
  want 'the feeder in Ruby' 'ruby -e "require %q(redis)"' ruby-redis
  # Where Debian's packages for Node are; Node itself may be another one.
  want 'the feeder in Node' 'NODE_PATH=/usr/share/nodejs node -e "require(\"redis\")"' node-redis
fi
if $clients; then
  for library in httpx requests aiohttp; do
    want "the recipe for $library" "python3 -c 'import $library' || /usr/bin/python3 -c 'import $library'" "python3-$library"
  done
  want "GnuTLS's client" 'command -v gnutls-cli' gnutls-bin
  want 'nghttp and h2load' 'command -v nghttp && command -v h2load' nghttp2-client
fi
if $promtool; then want 'metrics and alerts' 'command -v promtool' prometheus; fi
((${#packages[@]})) || exit 0

line="apt-get install --yes --no-install-recommends ${packages[*]}"
command -v apt-get >/dev/null ||
  fail "missing: ${packages[*]} (Debian's names), and this machine has no apt-get." \
    "Install them with this system's own package manager."
become_root || fail "missing: ${packages[*]}. Root is needed to install them; type:" "sudo $line"

# While this file forbids it (invoke-rc.d(8)), no package starts a service. An existing file is kept,
# because it is the operator's decision.
policy=/usr/sbin/policy-rc.d
remove_policy() { "${privilege[@]}" rm -f "$policy"; }
services='redis-server|prometheus|nginx-light|haproxy|varnish|lighttpd|trafficserver|squid|h2o|nghttp2-proxy|pdns-server'
if [[ " ${packages[*]} " =~ ' '($services)' ' && ! -e $policy ]]; then
  trap remove_policy EXIT
  printf '#!/bin/sh\nexit 101\n' | "${privilege[@]}" tee "$policy" >/dev/null
  "${privilege[@]}" chmod 755 "$policy"
fi

printf 'Installing %s …\n' "${packages[*]}"
install() { apt install --yes --no-install-recommends -qq "${packages[@]}" >/dev/null; }
# The package lists may be old or missing, as in a fresh container.
install 2>/dev/null || { apt update -qq && install; } || fail "apt-get failed (above)." "Try it yourself: $line"

for service in redis-server prometheus nginx haproxy varnish lighttpd trafficserver squid h2o nghttp2-proxy:nghttpx pdns-server:pdns; do
  if [[ " ${packages[*]} " == *" ${service%%:*}"* ]] && command -v systemctl >/dev/null; then
    "${privilege[@]}" systemctl disable --quiet "${service#*:}.service" 2>/dev/null || true
  fi
done
