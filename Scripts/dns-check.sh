#!/usr/bin/env bash
# Checks the zones of Deploy/dns, and runs PowerDNS with real edges: how soon an address leaves the answers, and returns.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly usage='Usage: Scripts/dns-check.sh

Checks the zones of Deploy/dns with named-checkzone. Then runs Redis, a hub, three edges and PowerDNS with Deploy/dns/powerdns.zone and
powerdns.conf in a network namespace of its own, which has the addresses of the zone. Ends an edge, drains one, and
takes the machine of one away; measures when its address leaves the answers, and when it returns. Two minutes; needs
root, ip, nft, redis-server, openssl, pdns-server, pdns-backend-bind, pdns-tools, bind9-utils, and release binaries.'

fail() { # message, remedy, status
  printf 'dns-check.sh: %s\n  %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}
case ${1:-} in
  --help | -h) printf '%s\n' "$usage" && exit 0 ;;
  '' | --in-own-network) ;;
  *) fail "there is no option $1" 'See --help.' 64 ;;
esac
if [[ ${1:-} != --in-own-network ]]; then
  ((EUID == 0)) || fail 'it makes a network namespace.' 'Run it as root.' 77
  for command in ip nft redis-server openssl curl pdns_server sdig named-checkzone; do
    command -v "$command" >/dev/null || fail "$command is missing." \
      'apt-get install iproute2 nftables redis-server openssl curl pdns-server pdns-backend-bind pdns-tools bind9-utils' 69
  done
  printf '== The zones\n'
  named-checkzone -q example.org Deploy/dns/example.org.zone || fail 'example.org.zone is wrong.' "$(named-checkzone example.org Deploy/dns/example.org.zone)"
  printf '   ok    named-checkzone accepts example.org.zone\n'
  exec unshare --net --mount Scripts/dns-check.sh --in-own-network
fi

readonly addresses=(192.0.2.11 192.0.2.12 198.51.100.13)
binaries=${EMOJITRACK_BINARIES:-.build/release}
[[ -x $binaries/emojitrack-edge ]] || fail "there is no $binaries/emojitrack-edge." 'swift build -c release' 69
workshop=$(mktemp -d)
declare -A pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf -- "$workshop"
}
trap finish EXIT
trap 'exit 130' INT TERM

ip link set lo up
for address in "${addresses[@]}" 192.0.2.53; do ip address add "$address/32" dev lo; done
run() { # name, command…
  local name=$1
  shift
  "$@" >"$workshop/$name.log" 2>&1 &
  pids[$name]=$!
}
within() { # seconds, command…
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}
tls() { # name: sets the flags of its identity
  tls=(--tls-certificate "$workshop/certificates/$1.pem" --tls-key "$workshop/certificates/$1.key"
    --tls-authority "$workshop/certificates/ca.pem")
}
start_edge() { # number
  tls "edge-$1"
  run "edge-$1" "$binaries/emojitrack-edge" --listen "${addresses[$1 - 1]}:8001" --status-listen "${addresses[$1 - 1]}:8002" \
    --hub 127.0.0.1:8010 --workers 1 "${tls[@]}"
}
answer() { # the addresses in the answer, in order
  sdig 192.0.2.53 53 stream.example.org A 2>/dev/null | sed -n 's/.*\tA\t//p' | sort | paste -sd' '
}
answers() { [[ $(answer) == "$*" ]]; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
failures=0
measure() { # what, seconds at most, expected answer…
  local what=$1 limit=$2 start
  shift 2
  start=$(milliseconds)
  if within "$limit" answers "$@"; then
    printf '   ok    %-64s %5d ms\n' "$what" $(($(milliseconds) - start))
  else
    printf '   FAIL  %-64s not within %d s: %s\n' "$what" "$limit" "$(answer)"
    failures=$((failures + 1))
  fi
}

printf '== Start Redis, a hub, three edges and PowerDNS\n'
Deploy/certificates.sh --out "$workshop/certificates" --edges 3 >/dev/null 2>&1
run redis redis-server --bind 127.0.0.1 --save '' --dir "$workshop"
within 10 redis-cli ping || fail 'Redis does not start.' "$(tail -n 3 "$workshop/redis.log")"
redis-cli zadd emojitrack_score 1 1F602 >/dev/null
tls hub
run hub "$binaries/emojitrack-hub" "${tls[@]}"
for number in 1 2 3; do start_edge "$number"; done
for address in "${addresses[@]}"; do
  within 20 curl --silent --fail "http://$address:8002/readyz" || fail 'an edge does not become ready.' "$(tail -n 3 "$workshop"/edge-*.log)"
done
# The configuration is the one that is documented; only the folder is another one.
sed "s,/etc/powerdns,$workshop,; \$a local-address=192.0.2.53\nsocket-dir=$workshop\nsecurity-poll-suffix=" \
  Deploy/dns/powerdns.conf >"$workshop/pdns.conf"
cp Deploy/dns/powerdns.zone "$workshop/"
printf 'zone "example.org" { type master; file "%s/powerdns.zone"; };\n' "$workshop" >"$workshop/named.conf"
run pdns pdns_server --config-dir="$workshop"
# The first answer is before the first check, and has all.
measure 'all edges are in the answer' 10 "${addresses[@]}"
sleep 3

printf '== An edge ends without a word, and is started again\n'
kill -KILL "${pids[edge-1]}"
wait "${pids[edge-1]}" 2>/dev/null || true
measure 'its address is out after' 10 "${addresses[1]}" "${addresses[2]}"
start_edge 1
measure 'it is in again, from the start of the process, after' 20 "${addresses[@]}"

printf '== An edge is told to stop\n'
kill -TERM "${pids[edge-2]}"
stopped=$(milliseconds)
measure 'its address is out after' 10 "${addresses[0]}" "${addresses[2]}"
within 10 bash -c "! curl --silent --max-time 1 http://${addresses[1]}:8001/healthz" || true
printf '   it still accepted clients until %32s %5d ms\n' '' $(($(milliseconds) - stopped))
wait "${pids[edge-2]}" 2>/dev/null || true
start_edge 2
measure 'it is in again, from the start of the process, after' 20 "${addresses[@]}"

printf '== A machine is lost: it answers nothing\n'
nft "add table inet lost; add chain inet lost in { type filter hook input priority 0; }; add rule inet lost in ip daddr ${addresses[2]} drop"
measure 'its address is out after' 15 "${addresses[0]}" "${addresses[1]}"
nft delete table inet lost
measure 'it is in again after' 15 "${addresses[@]}"

printf '== No edge is ready\n'
kill -KILL "${pids[hub]}"
wait "${pids[hub]}" 2>/dev/null || true
within 15 bash -c "! curl --silent --fail http://${addresses[0]}:8002/readyz"
sleep 3
measure 'all are in the answer, rather than none' 1 "${addresses[@]}"

((failures == 0)) || { tail -n 20 "$workshop/pdns.log" >&2 && exit 1; }
printf '== All good: %d s\n' "$SECONDS"
