#!/usr/bin/env bash
# Starts a whole deployment on this machine, as a demonstration: a private Redis, a hub, two edges and a feeder.
# Ctrl-C stops it, and leaves nothing behind.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: run.sh        (or: make run)

Builds emojitrack-relay, makes certificates, and starts Redis, a hub, two edges and a feeder of synthetic tweets, all on
loopback. All files are in a folder in .run/. Ctrl-C stops the processes and removes the folder; after a failure the
folder stays, with the logs.

Environment:
  REDIS_URL      use this Redis instead of a private one; the feeder then writes synthetic tweets into it
  FEEDER=no      start no feeder
  RATE           tweets a second (default 250)
  ADMIN_PORT     the hub's dashboard (default 8000)
  LINK_PORT      the hub's link to the edges (default 8010)
  EDGE_PORTS     one port for each edge (default "8001 8002")
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1-} in
  '') ;;
  --help | -h) usage && exit 0 ;;
  *) usage >&2 && exit 64 ;;
esac

readonly admin_port=${ADMIN_PORT:-8000} link_port=${LINK_PORT:-8010}
read -r -a edge_ports <<<"${EDGE_PORTS:-8001 8002}"
readonly edge_ports run=$PWD/.run/$$ tool=run.sh failure=1
readonly certificates=$run/certificates
source Scripts/lib.sh
socket_folder=

# A second Ctrl-C must not leave processes running.
on_exit() {
  local status=$?
  trap '' INT TERM HUP
  if ((${#names[@]})); then say 'Stopping …'; fi
  stop_all
  if [[ -n $socket_folder ]]; then rm -rf -- "$socket_folder"; fi
  if ((status == 0)); then
    rm -rf -- "$run"
    rmdir .run 2>/dev/null || true
  fi
  exit "$status"
}
trap on_exit EXIT
trap 'say; exit 0' INT TERM HUP

has_scores() { [[ $(redis-cli -s "$socket_folder/redis.sock" exists emojitrack_score) == 1 ]]; }

require_free_port() { # port, what for, the variable that sets another one
  [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)) || fail "$3 holds \"$1\", which is not a port." "Choose 1 to 65535."
  if is_used "$1"; then
    local owner
    owner=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:((\(.*\)))$/\1/p' | head -n 1) || true
    fail "port $1 ($2) is in use${owner:+ by $owner}." "Stop that, or choose another port: $3=… make run"
  fi
}

require_free_port "$admin_port" "the hub's admin" ADMIN_PORT
require_free_port "$link_port" "the hub's link" LINK_PORT
((${#edge_ports[@]})) || fail 'EDGE_PORTS is empty.' 'Name a port for each edge: EDGE_PORTS="8001 8002" make run'
for port in "${edge_ports[@]}"; do require_free_port "$port" 'an edge' EDGE_PORTS; done

if [[ -n ${REDIS_URL-} ]]; then Scripts/install.sh --without-redis; else Scripts/install.sh; fi

say 'Building (the first time takes some minutes) …'
swift build -c release
binaries=$(swift build -c release --show-bin-path)

umask 077
mkdir -p "$run"
say 'Making certificates …'
Deploy/certificates.sh --out "$certificates" --edges "${#edge_ports[@]}" >"$run/certificates.log" ||
  fail "the certificates could not be made (above, and $run/certificates.log)." 'See Deploy/certificates.sh --help.'

say 'Starting …'
if [[ -z ${REDIS_URL-} ]]; then
  # Its socket is outside of the project's folder, whose path may exceed the limit for sockets (107 bytes).
  socket_folder=$(mktemp -d "${TMPDIR:-/tmp}/emojitrack.XXXXXX")
  start redis redis-server --port 0 --unixsocket "$socket_folder/redis.sock" --unixsocketperm 700 \
    --save '' --appendonly no --dir "$run" --daemonize no
  wait_until redis redis-cli -s "$socket_folder/redis.sock" ping
  export REDIS_URL=unix://$socket_folder/redis.sock
fi
# Started before the hub, so that the hub finds totals.
if [[ ${FEEDER:-yes} != no ]]; then
  start feeder "$binaries/emojitrack-feeder" --rate "${RATE:-250}"
  if [[ -n $socket_folder ]]; then wait_until feeder has_scores; fi
fi

tls hub
start hub "$binaries/emojitrack-hub" --admin-listen "127.0.0.1:$admin_port" --link-listen "127.0.0.1:$link_port" \
  "${tls[@]}"
wait_until hub ready "$admin_port"
for index in "${!edge_ports[@]}"; do
  name=edge-$((index + 1))
  tls "$name"
  start "$name" "$binaries/emojitrack-edge" --listen "127.0.0.1:${edge_ports[index]}" --hub "127.0.0.1:$link_port" \
    --drain-announce 0s "${tls[@]}" # there is no load balancer
done
for index in "${!edge_ports[@]}"; do wait_until "edge-$((index + 1))" ready "${edge_ports[index]}"; done

say
say "  hub     http://127.0.0.1:$admin_port/   (also /admin/status.json)"
for index in "${!edge_ports[@]}"; do
  say "  edge-$((index + 1))  http://127.0.0.1:${edge_ports[index]}/   (also /subscribe/eps, /subscribe/raw, /subscribe/details/1F602)"
done
say
say "Try:  curl -N http://127.0.0.1:${edge_ports[0]}/subscribe/eps"
say "Logs are in $run. Ctrl-C stops everything."

# No process ends by itself, except after an error.
while true; do
  for name in "${names[@]}"; do alive "$name" || died "$name"; done
  sleep 0.5
done
