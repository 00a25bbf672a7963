# Functions of systemd-check.sh and deb-check.sh, which read this file: a machine with systemd (a Debian root in a
# container of systemd-nspawn), commands in it, and lines with results. They set before: `tool` (the script's name).
# shellcheck shell=bash

failures=0
workshop=
machine=     # the process of systemd-nspawn
manager=     # the process of systemd in it
helpers=()   # further processes of ours

fail() { # message, remedy
  printf '%s: %s\n  %s\n' "${tool:?}" "$1" "$2" >&2
  exit 69
}

ok() { printf '  ok    %-58s %s\n' "$1" "${2:-}"; } # what, figure
bad() { # what, figure
  printf '  FAIL  %-58s %s\n' "$1" "${2:-}"
  failures=$((failures + 1))
}
check() { # what, figure, command that succeeds if it is so…
  local what=$1 figure=$2
  shift 2
  if "$@" >/dev/null 2>&1; then ok "$what" "$figure"; else bad "$what" "$figure"; fi
}

now() { date +%s%3N; } # in milliseconds

# Waits until a command succeeds, 20 times a second; sets `waited` to the milliseconds that it took.
await() { # seconds, command…
  local start limit=$(($1 * 1000))
  start=$(now)
  shift
  until "$@" >/dev/null 2>&1; do
    waited=$(($(now) - start))
    ((waited < limit)) || return 1
    sleep 0.05
  done
  waited=$(($(now) - start))
}

# Waits until a command succeeds, and prints how long it took.
soon() { # what, seconds, command…
  local what=$1
  shift
  if await "$@"; then ok "$what" "$waited ms"; else bad "$what" "not within $1 s"; fi
}

# The needed commands of this machine, which must be root's.
need() { # command, package…
  ((EUID == 0)) || fail 'namespaces and Debian roots need root.' "sudo Scripts/$tool"
  while (($#)); do
    command -v "$1" >/dev/null || fail "$1 is missing." "apt-get install $2"
    shift 2
  done
}

begin() {
  workshop=$(mktemp -d)
  chmod 755 "$workshop"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
}

clean_up() {
  local helper
  for helper in "${helpers[@]}"; do kill -KILL "$helper" 2>/dev/null || true; done
  shut_down
  [[ -z $workshop ]] || rm -rf -- "$workshop"
}

# A Debian of the version that the programs are built on.
make_root() { # folder, package…
  local folder=$1 log=$workshop/mmdebstrap.log version names
  shift
  version=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  names=$(IFS=, && printf '%s' "$*")
  mmdebstrap --quiet --variant=minbase --include="$names" "$version" "$folder" >"$log" 2>&1 ||
    { cat "$log" >&2 && fail 'mmdebstrap failed (above).' 'See its output.'; }
}

# Starts the machine of a root, with a loopback network alone, and waits until it has booted.
boot() { # folder, machine name
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount --propagation private bash -c '
    mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/nspawn
    exec systemd-nspawn --quiet --directory "$0" --boot --register=no --keep-unit --private-network --machine "$1" \
      --console=pipe' "$1" "$2" </dev/null >"$workshop/console.log" 2>&1 &
  machine=$!
  await 60 is_booted || { tail -n 20 "$workshop/console.log" >&2 && fail 'the machine does not boot.' 'See above.'; }
  # Where this machine has cgroups of version 1 only, limits are enforced once the machine may write to them.
  # shellcheck disable=SC2016
  inside sh -c 'for c in memory pids cpu cpuacct; do
    [ ! -d /sys/fs/cgroup/$c ] || mount -o remount,bind,rw /sys/fs/cgroup/$c; done; systemctl daemon-reexec' 2>/dev/null || true
}

is_booted() {
  kill -0 "$machine" || return 1
  manager=$(pgrep --parent "$machine" --exact systemd) &&
    [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]
}

inside() { # command…
  nsenter --target "$manager" --mount --pid --uts --ipc --net --cgroup --root --wd \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

shut_down() {
  # Without its first process the machine ends; before that has been found, systemd-nspawn itself is stopped.
  [[ -z ${manager:-$machine} ]] || kill -KILL "${manager:-$machine}" 2>/dev/null || true
  [[ -z $machine ]] || wait "$machine" 2>/dev/null || true
  manager='' machine=''
}

property() { inside systemctl show --property "$2" --value "$1"; } # unit, property
main_pid() { property "$1" MainPID; }                              # unit
is_active() { [[ $(property "$1" ActiveState) == active ]]; }      # unit
http_status() { inside curl --silent --output /dev/null --max-time 3 --write-out '%{http_code}' "$1"; } # URL
answers() { [[ $(http_status "$1") == "$2" ]]; }                   # URL, status

# True once a unit is active with another process.
is_replaced() { # unit, the old process
  local pid
  pid=$(main_pid "$1")
  [[ $pid != 0 && $pid != "$2" ]] && is_active "$1"
}

# A tweet with an emoji, as a feeder counts and publishes it.
tweet() { # id
  inside redis-cli EVAL "redis.call('ZINCRBY','emojitrack_score',1,ARGV[1]) redis.call('PUBLISH','stream.score_updates',ARGV[1])" \
    0 "$1" >/dev/null
}

end() {
  if ((failures)); then
    printf '== FAILED: %d\n' "$failures" >&2
    exit 1
  fi
  printf '== All good: %d s\n' "$SECONDS"
}
