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
readonly edge_ports run=$PWD/.run/$$ ready_seconds=30 stop_seconds=15
socket_folder=

names=() # of the running processes, in the order of their start
declare -A pids=()

say() { printf '%s\n' "$*"; }
fail() { # message, remedy
  printf 'run.sh: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

alive() { kill -0 "${pids[$1]}" 2>/dev/null; } # name

# The processes are stopped in reverse order, one after the other, so that an edge still has its hub
# while it releases its clients. A process that does not stop in time is killed.
stop_all() {
  local index name patience
  for ((index = ${#names[@]} - 1; index >= 0; index--)); do
    name=${names[index]}
    kill -TERM "${pids[$name]}" 2>/dev/null || true
    patience=$((stop_seconds * 10))
    while alive "$name" && ((patience-- > 0)); do sleep 0.1; done
    if alive "$name"; then
      printf 'run.sh: %s did not stop within %d s and was killed.\n' "$name" "$stop_seconds" >&2
      kill -KILL "${pids[$name]}" 2>/dev/null || true
    fi
    wait "${pids[$name]}" 2>/dev/null || true
  done
  names=()
}

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

# Each process is in a session of its own, so that Ctrl-C reaches only this script, which stops them in order, and is
# stopped by the kernel if this script is killed by SIGKILL.
start() { # name, command…
  local name=$1
  shift
  setsid setpriv --pdeathsig TERM -- "$@" </dev/null >"$run/$name.log" 2>&1 &
  pids[$name]=$!
  names+=("$name")
}

died() { # name
  printf 'run.sh: %s stopped by itself. The end of its log (%s):\n' "$1" "$run/$1.log" >&2
  tail -n 20 "$run/$1.log" | sed 's/^/  /' >&2
  exit 1
}

wait_until() { # name, command that succeeds when it is ready…
  local name=$1 deadline=$((SECONDS + ready_seconds))
  shift
  until "$@" >/dev/null 2>&1; do
    alive "$name" || died "$name"
    if ((SECONDS >= deadline)); then
      printf 'run.sh: %s is not ready after %d s. The end of its log (%s):\n' "$name" "$ready_seconds" \
        "$run/$name.log" >&2
      tail -n 20 "$run/$name.log" | sed 's/^/  /' >&2
      exit 1
    fi
    sleep 0.1
  done
  say "  $name is ready"
}

has_scores() { [[ $(redis-cli -s "$socket_folder/redis.sock" exists emojitrack_score) == 1 ]]; }

require_free_port() { # port, what for, the variable that sets another one
  [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)) || fail "$3 holds \"$1\", which is not a port." "Choose 1 to 65535."
  if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
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
certificates=$run/certificates
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

tls() { # name: sets the flags of its identity
  tls=(
    --tls-certificate "$certificates/$1.pem" --tls-key "$certificates/$1.key" --tls-authority "$certificates/ca.pem"
  )
}
ready() { curl --fail --silent --max-time 1 --noproxy '*' "http://127.0.0.1:$1/readyz"; } # port

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
