# Functions of run.sh and bench.sh, which read this file: processes on loopback that are started, awaited, and stopped in
# order. They set before: `tool` (the script's name), `run` (the folder for logs), `certificates` (the folder that
# certificates.sh filled), and `failure` (the exit status if a process does not become ready).
# shellcheck shell=bash

readonly ready_seconds=30 stop_seconds=15
names=() # of the running processes, in the order of their start
declare -A pids=()

say() { printf '%s\n' "$*"; }
fail() { # message, remedy
  printf '%s: %s\n  %s\n' "$tool" "$1" "$2" >&2
  exit 1
}

alive() { kill -0 "${pids[$1]}" 2>/dev/null; } # name

# Each process is in a session of its own, so that Ctrl-C reaches only the script, which stops them in order, and is
# stopped by the kernel if the script is killed by SIGKILL.
start() { # name, command…
  local name=$1
  shift
  setsid setpriv --pdeathsig TERM -- "$@" </dev/null >"$run/$name.log" 2>&1 &
  pids[$name]=$!
  names+=("$name")
}

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
      printf '%s: %s did not stop within %d s and was killed.\n' "$tool" "$name" "$stop_seconds" >&2
      kill -KILL "${pids[$name]}" 2>/dev/null || true
    fi
    wait "${pids[$name]}" 2>/dev/null || true
  done
  names=()
}

show_log() { # name, what happened
  printf '%s: %s %s. The end of its log (%s):\n' "$tool" "$1" "$2" "$run/$1.log" >&2
  tail -n 20 "$run/$1.log" | sed 's/^/  /' >&2
}

died() { # name
  show_log "$1" 'stopped by itself'
  exit "$failure"
}

wait_until() { # name, command that succeeds when it is ready…
  local name=$1 deadline=$((SECONDS + ready_seconds))
  shift
  until "$@" >/dev/null 2>&1; do
    alive "$name" || died "$name"
    if ((SECONDS >= deadline)); then
      show_log "$name" "is not ready after $ready_seconds s"
      exit "$failure"
    fi
    sleep 0.1
  done
  say "  $name is ready"
}

ready() { curl --fail --silent --max-time 1 --noproxy '*' "http://127.0.0.1:$1/readyz"; } # port

is_used() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # port

tls() { # name: sets the flags of its identity
  tls=(
    --tls-certificate "$certificates/$1.pem" --tls-key "$certificates/$1.key" --tls-authority "$certificates/ca.pem"
  )
}
