#!/usr/bin/env bash
# Measures an edge of this machine against a bare send() loop: starts a private Redis, a hub and an edge, and compares.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bench.sh [options of emojitrack-bench compare]        (or: make bench)
       bench.sh --costs [options of emojitrack-bench costs]

Builds emojitrack-relay in release mode, starts a private Redis, a hub and an edge with one worker on loopback, and runs
`emojitrack-bench compare` against it. Takes about a quarter of an hour; `--experiments eps-500 --turns 3` takes one minute.
With --costs it starts an edge for each way of writing (plain and TLS, send() and io_uring, records of OpenSSL and of the
edge), and runs `emojitrack-bench costs` against all of them.
Its files are in a folder in .run/, which is removed at the end; after a failure the folder stays, with the logs.

Environment:
  LINK_PORT      the hub's link to the edge (default 8110)
  ADMIN_PORT     the hub's status page (default 8100)
  EDGE_PORT      the edge (default 8101; with TLS, the port behind it too; with --costs, six ports)
  TLS            if "yes", clients and the bare loop speak TLS (default no)
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
costs=false
case ${1-} in
  --help | -h) usage && exit 0 ;;
  --costs) costs=true && shift ;;
esac

readonly link_port=${LINK_PORT:-8110} admin_port=${ADMIN_PORT:-8100} edge_port=${EDGE_PORT:-8101}
# A status of 1 means missed promises.
readonly run=$PWD/.run/bench-$$ tool=bench.sh failure=2
readonly certificates=$run
source Scripts/lib.sh
folder=$(mktemp -d "${TMPDIR:-/tmp}/emojitrack.XXXXXX")
readonly folder redis=$folder/redis.sock

on_exit() {
  local status=$?
  trap '' INT TERM HUP
  stop_all
  rm -rf -- "$folder"
  # Missed promises are a result; only another failure keeps the logs.
  if ((status <= 1)); then rm -rf -- "$run" && rmdir .run 2>/dev/null || true; fi
  exit "$status"
}
trap on_exit EXIT
trap 'exit 130' INT TERM HUP

ports=("$admin_port" "$link_port" "$edge_port" $((edge_port + 1)))
if $costs; then for offset in 2 3 4 5; do ports+=($((edge_port + offset))); done; fi
for port in "${ports[@]}"; do
  if is_used "$port"; then
    fail "port $port is in use." 'Choose others: ADMIN_PORT=… LINK_PORT=… EDGE_PORT=… make bench'
  fi
done

Scripts/install.sh
swift build -c release
binaries=$(swift build -c release --show-bin-path)

umask 077
mkdir -p "$run"
Deploy/certificates.sh --out "$run" --edges 3 >"$run/certificates.log"

start redis redis-server --port 0 --unixsocket "$redis" --save '' --appendonly no --dir "$run" --daemonize no
wait_until redis redis-cli -s "$redis" ping
# The hub needs totals in Redis to count exactly from.
redis-cli -s "$redis" zadd emojitrack_score 1 1F600 >/dev/null
tls hub
start hub "$binaries/emojitrack-hub" --redis-url "unix://$redis" --admin-listen "127.0.0.1:$admin_port" \
  --link-listen "127.0.0.1:$link_port" "${tls[@]}"
wait_until hub ready "$admin_port"
if $costs; then
  edges=''
  port=$edge_port
  add_edge() { # number, name, options…
    local number=$1 name=$2
    shift 2
    tls "edge-$number"
    start "edge-$number" "$binaries/emojitrack-edge" --workers 1 --listen "127.0.0.1:$port" \
      --https-listen "127.0.0.1:$((port + 1))" --https-certificate "$run/hub.pem" --https-key "$run/hub.key" \
      --hub "127.0.0.1:$link_port" "${tls[@]}" "$@"
    wait_until "edge-$number" ready "$port"
    edges+="https $name=https://127.0.0.1:$((port + 1))@${pids[edge-$number]},"
    port=$((port + 2))
  }
  add_edge 1 "openssl" --https-records openssl --iouring-enabled false
  add_edge 2 "own" --iouring-enabled false
  edges+="http=http://127.0.0.1:$((port - 2))@${pids[edge-2]},"
  add_edge 3 "own io_uring"
  edges+="http io_uring=http://127.0.0.1:$((port - 2))@${pids[edge-3]}"
  "$binaries/emojitrack-bench" costs --edges "$edges" --redis-url "unix://$redis" --authority "$run/ca.pem" \
    --certificate "$run/hub.pem" --key "$run/hub.key" "$@"
  exit
fi

tls edge-1
edge=http://127.0.0.1:$edge_port
listen=(--listen "127.0.0.1:$edge_port")
floor=()
if [[ ${TLS:-no} == yes ]]; then
  # The hub's certificate is valid for 127.0.0.1.
  edge=https://127.0.0.1:$((edge_port + 1))
  listen+=(--https-listen "${edge#https://}" --https-certificate "$run/hub.pem" --https-key "$run/hub.key")
  floor=(--authority "$run/ca.pem" --certificate "$run/hub.pem" --key "$run/hub.key")
fi
start edge "$binaries/emojitrack-edge" --workers 1 "${listen[@]}" --hub "127.0.0.1:$link_port" "${tls[@]}"
wait_until edge ready "$edge_port"

"$binaries/emojitrack-bench" compare --edge "$edge" --pid "${pids[edge]}" --redis-url "unix://$redis" "${floor[@]}" "$@"
