#!/usr/bin/env bash
# Measures how clients fare at a name with two addresses if the first one is dead. Docs/dns.md has the results.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly usage='Usage: Scripts/dns-clients.sh

Starts an edge in a network namespace, and gives it a name with two addresses. First both are its own; then the first one answers nothing (a
lost machine); then that one refuses (an edge that has ended). Each client requests the name from another namespace,
once, with its usual settings. Prints how long each took, with the time for its own start. Takes about four minutes. Needs root, ip, nft, dnsmasq,
openssl, release binaries, and PyPI; a client that is not installed is left out.'

readonly limit=150 # seconds: longer than the 127 s in which Linux sends its SYNs
readonly packages=(requests==2.34.2 httpx==0.28.1 aiohttp==3.14.5 deno==2.9.8)

fail() { # message, remedy, status
  printf 'dns-clients.sh: %s\n  %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}
case ${1:-} in
  --help | -h) printf '%s\n' "$usage" && exit 0 ;;
  '') ;;
  *) fail "there is no option $1" 'See --help.' 64 ;;
esac
((EUID == 0)) || fail 'it makes network namespaces.' 'Run it as root.' 77
for command in ip nft dnsmasq openssl curl; do
  command -v "$command" >/dev/null || fail "$command is missing." 'apt-get install iproute2 nftables dnsmasq-base openssl curl' 69
done
edge=${EMOJITRACK_BINARIES:-.build/release}/emojitrack-edge
[[ -x $edge ]] || fail "there is no $edge." 'swift build -c release --product emojitrack-edge' 69

readonly world=emojitrack-world-$$ machine=emojitrack-machine-$$ name=stream.test
workshop=$(mktemp -d)
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  ip netns delete "$world" 2>/dev/null || true
  ip netns delete "$machine" 2>/dev/null || true
  rm -rf -- "$workshop" "/etc/netns/$world"
}
trap finish EXIT
trap 'exit 130' INT TERM

printf '== Install %s\n' "${packages[*]}"
python3 -m venv "$workshop/python" || fail 'python3 -m venv failed.' 'apt-get install python3-venv' 69
"$workshop/python/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
PATH=$workshop/python/bin:$PATH

# The dead address comes first in every answer. It is also closer to the client's address than the other one, so that a
# client that sorts addresses of one network by their common bits (RFC 6724, rule 9) keeps this order.
readonly client=10.231.0.2 dead=10.231.0.3 alive=10.231.0.130
ip netns add "$world"
ip netns add "$machine"
ip link add eth0 netns "$world" type veth peer name eth0 netns "$machine"
ip -n "$world" address add "$client/24" dev eth0
for address in "$dead/24" "$alive/24"; do ip -n "$machine" address add "$address" dev eth0; done
for pair in "$world lo" "$world eth0" "$machine lo" "$machine eth0"; do
  read -r space device <<<"$pair"
  ip -n "$space" link set "$device" up
done
mkdir -p "/etc/netns/$world"
printf 'nameserver %s\n' "$alive" >"/etc/netns/$world/resolv.conf"
printf '%s %s\n' "$dead" "$name" "$alive" "$name" >"$workshop/hosts"
ip netns exec "$machine" dnsmasq --keep-in-foreground --no-resolv --no-hosts --no-round-robin --local-ttl=30 \
  --listen-address="$alive" --bind-interfaces --pid-file= --conf-file=/dev/null \
  --addn-hosts="$workshop/hosts" --user=root >"$workshop/dns.log" 2>&1 &
pids+=($!)
Deploy/certificates.sh --out "$workshop/certificates" --edges 1 >/dev/null 2>&1
start_edge() { # listen
  ip netns exec "$machine" "$edge" --listen "$1" --workers 1 --drain-announce 0s --drain-window 0s --hub 127.0.0.1:1 \
    --tls-certificate "$workshop/certificates/edge-1.pem" \
    --tls-key "$workshop/certificates/edge-1.key" --tls-authority "$workshop/certificates/ca.pem" >"$workshop/edge.log" 2>&1 &
  pids+=($!)
  for ((tries = 0; ; tries++)); do
    if ip netns exec "$machine" curl --silent --fail --max-time 1 "http://$alive/healthz" >/dev/null; then break; fi
    ((tries < 100)) || fail 'the edge does not answer.' "$(tail -n 3 "$workshop/edge.log")"
    sleep 0.1
  done
}
start_edge "$alive:80,$dead:80"

readonly url=http://$name/healthz
cat >"$workshop/client.go" <<'GO'
package main

import ("fmt"; "io"; "net/http"; "os")

func main() {
	answer, err := http.Get(os.Args[1])
	if err != nil { fmt.Println(err); os.Exit(1) }
	body, _ := io.ReadAll(answer.Body)
	fmt.Print(string(body))
}
GO
clients=(curl requests httpx aiohttp deno)
if command -v node >/dev/null; then clients+=(node-fetch node-http); fi
if command -v go >/dev/null; then
  GO111MODULE=off GOCACHE=$workshop/cache go build -o "$workshop/client-go" "$workshop/client.go"
  clients+=(go)
fi
if command -v chromium >/dev/null; then clients+=(chromium); fi

version() { # client
  case $1 in
    curl) curl --version | sed -n '1s/curl \([^ ]*\).*/\1/p' ;;
    requests | httpx | aiohttp) python -c "import $1; print($1.__version__)" ;;
    deno) deno --version | sed -n '1s/deno \([^ ]*\).*/\1/p' ;;
    node*) node --version ;;
    go) go version | sed 's/.*\(go[0-9.]*\).*/\1/' ;;
    chromium) chromium --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/' ;;
  esac
}

request() { # client: prints OK if the edge answered
  case $1 in
    curl) curl --silent --show-error "$url" ;;
    requests) python -c 'import requests, sys; print(requests.get(sys.argv[1]).text)' "$url" ;;
    httpx) python -c 'import httpx, sys; print(httpx.get(sys.argv[1]).text)' "$url" ;;
    aiohttp)
      python -c '
import aiohttp, asyncio, sys
async def main():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1]) as answer: print(await answer.text())
asyncio.run(main())' "$url" ;;
    deno) deno eval 'console.log(await (await fetch(Deno.args[0])).text())' "$url" ;;
    node-fetch) node -e 'fetch(process.argv[1]).then((a) => a.text()).then(console.log)' "$url" ;;
    node-http) node -e 'require("http").get(process.argv[1], (a) => a.on("data", (d) => console.log(String(d))))' "$url" ;;
    go) "$workshop/client-go" "$url" ;;
    chromium)
      chromium --headless --no-sandbox --disable-gpu --user-data-dir="$workshop/chromium-$BASHPID" --dump-dom "$url" ;;
  esac
}

measure() { # client: writes a row
  local start end verdict status=0
  start=$(date +%s%N)
  # In a shell of its own, which the limit ends together with the client.
  timeout --kill-after=1 "$limit" ip netns exec "$world" bash -c "$(declare -f request); request $1" \
    >"$workshop/$1.out" 2>"$workshop/$1.err" || status=$?
  end=$(date +%s%N)
  if grep -q OK "$workshop/$1.out"; then verdict='reaches the edge'
  elif ((status == 124)); then verdict='still waiting'
  else verdict="fails: $(grep -hv '^ *$' "$workshop/$1.err" "$workshop/$1.out" | tail -n 1 | cut -c1-90)"; fi
  printf '%s\t%d.%d s\t%s\n' "$1" $(((end - start) / 1000000000)) $(((end - start) / 100000000 % 10)) "$verdict" >"$workshop/$1.row"
}
export url workshop

for client_name in "${clients[@]}"; do versions+=("$client_name=$(version "$client_name")"); done
printf '== %s\n' "${versions[*]}"
for kind in alive lost refusing; do
  case $kind in
    alive) printf '== Both addresses answer\n' ;;
    lost)
      ip netns exec "$machine" nft "add table inet dead; add chain inet dead in { type filter hook input priority 0; }; add rule inet dead in ip daddr $dead drop"
      printf '== The first address answers nothing\n'
      ;;
    refusing)
      ip netns exec "$machine" nft delete table inet dead
      kill "${pids[-1]}"
      wait "${pids[-1]}" 2>/dev/null || true
      start_edge "$alive:80"
      printf '== The first address refuses\n'
      ;;
  esac
  measuring=()
  # They wait together, but do not start together, so that none is slow because of the others.
  for client_name in "${clients[@]}"; do
    measure "$client_name" &
    measuring+=($!)
    sleep 3
  done
  wait "${measuring[@]}"
  for client_name in "${clients[@]}"; do
    IFS=$'\t' read -r row seconds verdict <"$workshop/$client_name.row"
    printf '   %-12s %9s  %s\n' "$row" "$seconds" "$verdict"
  done
done
