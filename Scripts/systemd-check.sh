#!/usr/bin/env bash
# Runs hub and edges under systemd, on a Debian machine of their own, and checks what the units promise: one line for each
# check, with a figure. Needs root, mmdebstrap and systemd-nspawn; some minutes, and the first build some more.
# shellcheck disable=SC2016 # what is in single quotes is expanded in the machine
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Scripts/machine.sh
readonly tool=systemd-check.sh && . Scripts/machine.sh

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  cat <<'TEXT'
Usage: Scripts/systemd-check.sh

Makes a Debian root, boots it with systemd-nspawn, installs the units of Deploy/ with the commands, Redis and certificates,
and checks start, reload, restart, watchdog, passed sockets, renewed certificates, limits and sandbox. Exits with status 1
if a check fails. It has a network of its own, and leaves nothing behind.
TEXT
  exit 0
fi
(($# == 0)) || { printf '%s: no such option: %s\n  See --help.\n' "$tool" "$1" >&2 && exit 64; }

need mmdebstrap mmdebstrap systemd-nspawn systemd-container nsenter util-linux pgrep procps python3 python3
begin
readonly root=$workshop/root configuration=$workshop/root/etc/emojitrack
readonly edge=emojitrack-edge@edge-1.service other=emojitrack-edge@edge-2.service hub=emojitrack-hub.service

printf '== Build\n'
binaries=$(Scripts/static.sh)

printf '== Make and boot a machine\n'
make_root "$root" systemd systemd-sysv dbus redis-server libssl3 libhiredis0.14 liburing2 libstdc++6 curl openssl procps
install -m 755 "$binaries"/emojitrack-{hub,edge} "$root/usr/local/bin/"
install -m 644 Deploy/emojitrack-*.{service,socket} "$root/etc/systemd/system/"
for kind in sysusers tmpfiles sysctl; do install -D -m 644 -t "$root/usr/lib/$kind.d" Deploy/$kind.d/*.conf; done
certificates() { Deploy/certificates.sh --out "$configuration" --edge edge-1 --edge edge-2 >/dev/null; }
certificates
cp "$configuration/hub.pem" "$configuration/site.pem"
cp "$configuration/hub.key" "$configuration/site.key"
printf '%s\n' '{"link.listen": "127.0.0.1:8010", "redis.url": "redis://127.0.0.1:6379"}' >"$configuration/hub.json"
write_edge() { # the window of a drain, the level of the log
  printf '{"listen": "127.0.0.1:8001", "hub": "127.0.0.1:8010", "workers": 2, "https.listen": "127.0.0.1:8443",
    "https.certificate": "/etc/emojitrack/site.pem", "https.key": "/etc/emojitrack/site.key",
    "drain.announce": "1s", "drain.window": "%s", "log.level": "%s"}\n' "${1:-2s}" "${2:-info}" >"$configuration/edge.json"
}
write_edge
printf 'EMOJITRACK_LISTEN=127.0.0.1:8002\nEMOJITRACK_HTTPS_LISTEN=127.0.0.1:8444\n' >"$configuration/edge-2.env"
boot "$root" emojitrack-systemd
check 'the machine has booted' "$(inside systemctl list-units --failed --no-legend | wc -l) failed units" is_booted
check 'user and modes are made at boot' "$(stat -c '%A' "$configuration/hub.key")" \
  inside sh -c '[ "$(stat -c %a-%U-%G /etc/emojitrack/hub.key)" = 640-root-emojitrack ]'
check 'settings of the kernel are in force' "tcp_migrate_req = $(inside sysctl -n net.ipv4.tcp_migrate_req)" \
  inside sh -c '[ "$(sysctl -n net.ipv4.tcp_migrate_req)" = 1 ]'
names=$(sed -n 's/^#\?\([a-z0-9_.]*\) = .*/\1/p' Deploy/sysctl.d/emojitrack-edge.conf)
missing=0
for name in $names; do [[ -e /proc/sys/${name//.//} ]] || missing=$((missing + 1)); done
check 'the kernel knows each of these settings' "$missing unknown" test "$missing" = 0

printf '== Start\n'
inside systemctl stop redis-server
started=$(now)
inside systemctl start "$hub" || true
check 'a hub starts without Redis' "$(($(now) - started)) ms" is_active "$hub"
check 'it is not ready, and says why' "$(property "$hub" StatusText)" answers http://127.0.0.1:8000/readyz 503
inside systemctl start redis-server
soon 'it is ready with Redis' 20 answers http://127.0.0.1:8000/readyz 200
started=$(now)
inside systemctl start "$edge" "$other" || true
check 'two edges start' "$(($(now) - started)) ms" is_active "$edge"
await 20 answers http://127.0.0.1:8001/readyz 200 || true
check 'an edge is ready' "$waited ms after its start" answers http://127.0.0.1:8001/readyz 200
inside curl --silent --no-buffer http://127.0.0.1:8001/subscribe/raw >"$workshop/stream" &
helpers+=($!)
sleep 1
tweet 1F602
soon 'a client gets a score' 5 grep -q '^data:1F602' "$workshop/stream"
await 8 inside sh -c "systemctl show --property StatusText --value $edge | grep -q 'streams: 1; hubs linked: 1 of 1'" || true
check 'the status says it' "$(property "$edge" StatusText)" test "$waited" -lt 8000

printf '== Sandbox and limits\n'
for unit in "$hub" "$edge"; do
  exposure=$(inside systemd-analyze security --no-pager "$unit" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
  check "exposure of $unit is at most 1.5" "$exposure" awk "BEGIN { exit !(${exposure:-9} <= 1.5) }"
  pid=$(main_pid "$unit")
  state=$(inside sed -n 's/^\(Uid\|CapEff\|NoNewPrivs\|Seccomp\):[[:space:]]*\([0-9a-f]*\).*/\1=\2/p' "/proc/$pid/status" | xargs)
  check 'no root, no capability, a filter of system calls' "$state" \
    grep -qE '^Uid=[1-9][0-9]* CapEff=0+ NoNewPrivs=1 Seccomp=2$' <<<"$state"
  check 'the file system is read-only' '/usr /etc /var' inside sh -c "! nsenter --target $pid --mount touch /usr/x /etc/x /var/x"
done
check 'a key that all can read is refused' "$(
  chmod 644 "$configuration/edge-2.key"
  inside systemctl restart "$other" 2>/dev/null || true
  property "$other" ExecMainStatus
)" test "$(property "$other" ExecMainStatus)" = 78
sleep 2
check 'and that start is not repeated' "$(property "$other" ActiveState)" test "$(property "$other" ActiveState)" = failed
inside systemd-tmpfiles --create emojitrack.conf
inside systemctl reset-failed "$other"
inside systemctl start "$other"
check 'systemd-tmpfiles sets its mode again' "$(stat -c %a "$configuration/edge-2.key")" is_active "$other"
inside systemctl set-property --runtime "$other" MemoryMax=200M
sleep 1
memory=$(inside sh -c "cat /sys/fs/cgroup/memory/system.slice/system-emojitrack*edge.slice/$other/memory.limit_in_bytes \
  /sys/fs/cgroup/system.slice/system-emojitrack*edge.slice/$other/memory.max" 2>/dev/null || true)
check 'memory is limited' "$((${memory:-0} >> 20)) MiB, $(inside cat "/proc/$(main_pid "$other")/status" | awk '/^VmRSS/ { print int($2 / 1024) }') MiB in use" test "${memory:-0}" = 209715200
inside systemctl set-property --runtime "$other" MemoryMax=2M 2>/dev/null || true
inside systemctl restart --no-block "$other"
# Only version 2 of cgroups tells systemd why the kernel killed it.
soon 'beyond the limit it is ended and started again' 30 inside sh -c "journalctl --unit $other | grep -qE 'oom-kill|status=9/KILL' &&
  [ \$(systemctl show --property NRestarts --value $other) -ge 1 ]"
inside systemctl set-property --runtime "$other" MemoryMax=infinity
soon 'with more memory it runs again' 30 is_active "$other"

printf '== Reload\n'
for unit in "$hub" "$edge"; do
  old=$(main_pid "$unit")
  [[ $unit == "$hub" ]] || write_edge 2s debug
  inside systemctl reload "$unit"
  soon "$unit reloads" 5 \
    inside sh -c "journalctl --unit $unit | grep -q reloaded && [ \$(systemctl show -p MainPID --value $unit) = $old ]"
  check 'in the same process, which is active' "$(property "$unit" ActiveState), $old" is_active "$unit"
done
write_edge 2s wrong
inside systemctl reload "$edge"
soon 'a wrong configuration is refused, and the edge runs on' 5 \
  inside sh -c "journalctl --unit $edge | grep -q 'the old configuration stays' && systemctl is-active $edge"
write_edge

printf '== Certificates\n'
serial() { # port, further arguments of openssl…
  inside sh -c 'port=$0; openssl s_client -connect 127.0.0.1:$port </dev/null 2>/dev/null | openssl x509 -noout -serial' "$1"
}
hub_before=$(serial 8010) edge_before=$(serial 8443) hub_pid=$(main_pid "$hub") edge_pid=$(main_pid "$edge")
rm "$configuration"/hub.{pem,key}
certificates
cp "$configuration/hub.pem" "$configuration/site.pem" && cp "$configuration/hub.key" "$configuration/site.key"
inside systemd-tmpfiles --create emojitrack.conf
serves_another() { local found && found=$(serial "$1") && [[ -n $found && $found != "$2" ]]; } # port, old serial
soon 'a hub serves its renewed certificate' 30 serves_another 8010 "$hub_before"
soon 'an edge serves its renewed certificate' 30 serves_another 8443 "$edge_before"
check 'in the same processes' "$hub_pid, $edge_pid" test "$(main_pid "$hub") $(main_pid "$edge")" = "$hub_pid $edge_pid"
tweet 2665
soon 'and the client stays' 5 grep -q '^data:2665' "$workshop/stream"

printf '== Restart\n'
for unit in "$hub" "$edge"; do
  old=$(main_pid "$unit")
  inside kill -KILL "$old"
  await 20 is_replaced "$unit" "$old" || true
  check "$unit is started again after SIGKILL" "$waited ms" is_replaced "$unit" "$old"
done
await 20 answers http://127.0.0.1:8001/readyz 200 || true
check 'and the edge is ready again' "$waited ms later" answers http://127.0.0.1:8001/readyz 200
# The stopped hub, and an edge of which one worker alone is stopped, as a debugger does it.
hub_pid=$(main_pid "$hub") edge_pid=$(main_pid "$edge")
inside kill -STOP "$hub_pid"
outer=$(for status in /proc/[0-9]*/status; do
  awk -v pid="$edge_pid" '/^Pid:/ { own = $2 } /^NSpid:/ && NF == 3 && $3 == pid { print own }' "$status" 2>/dev/null
done | while read -r pid; do [[ $(<"/proc/$pid/comm") == emojitrack-edge ]] && printf '%s\n' "$pid"; done)
python3 - "$outer" <<'PYTHON' &
import ctypes, os, sys
tasks = f"/proc/{sys.argv[1]}/task"
thread = next(int(t) for t in os.listdir(tasks) if open(f"{tasks}/{t}/comm").read().strip() == "worker-1")
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT = 0x4206, 0x4207
if ptrace(SEIZE, thread, None, None) or ptrace(INTERRUPT, thread, None, None):
    sys.exit(os.strerror(ctypes.get_errno()))
# The thread is not gone before its tracer has taken its end.
while not os.WIFSIGNALED(os.waitpid(thread, 0x40000000)[1]):
    pass
PYTHON
helpers+=($!)
await 60 is_replaced "$edge" "$edge_pid" || true
check 'the watchdog restarts an edge with one worker that stands still' "$waited ms" is_replaced "$edge" "$edge_pid"
await 60 is_replaced "$hub" "$hub_pid" || true
check 'the watchdog restarts a hub that stands still' "$waited ms later" is_replaced "$hub" "$hub_pid"
for unit in "$edge" "$hub"; do
  count=$(inside journalctl --unit "$unit" | grep -ci 'watchdog timeout' || true)
  check "the watchdog was the reason for $unit" "$count times" test "$count" = 1
done

old="$(main_pid "$hub") $(main_pid "$edge")"
inside systemctl daemon-reexec
sleep 25
check 'a systemd that is replaced hears the same processes' "$old, 25 s later" test "$(main_pid "$hub") $(main_pid "$edge")" = "$old"

printf '== Passed sockets\n'
await 20 answers http://127.0.0.1:8001/readyz 200 || true
inside systemctl stop "$edge"
inside systemctl start emojitrack-edge@edge-1.socket
inside systemctl start "$edge"
await 20 answers http://127.0.0.1:8001/readyz 200 || true
inside systemctl restart "$edge" &
restart=$!
helpers+=("$restart")
asked=0 answered=0 slowest=0
while kill -0 "$restart" 2>/dev/null || ((asked < 60)); do
  asked=$((asked + 1)) started=$(now)
  if inside curl --silent --fail --max-time 20 --output /dev/null http://127.0.0.1:8001/healthz; then answered=$((answered + 1)); fi
  took=$(($(now) - started))
  ((took <= slowest)) || slowest=$took
  sleep 0.05
done
check 'requests over a restart are all answered' "$answered of $asked, the slowest in $slowest ms" test "$answered" = "$asked"

printf '== Stop\n'
inside mkdir -p "/run/systemd/system/$edge.d"
inside sh -c "printf '[Service]\nTimeoutStopSec=2\n' >/run/systemd/system/$edge.d/short.conf && systemctl daemon-reload"
write_edge 6s
inside systemctl restart "$edge"
await 20 answers http://127.0.0.1:8001/readyz 200 || true
for _ in $(seq 20); do
  inside curl --silent --no-buffer --output /dev/null http://127.0.0.1:8001/subscribe/eps &
  helpers+=($!)
done
await 5 inside sh -c "curl --silent http://127.0.0.1:8001/metrics | grep -q 'emojitrack_edge_clients{stream=\"eps\"} 20'" || true
started=$(now)
inside systemctl stop emojitrack-edge@edge-1.socket "$edge"
check 'a drain longer than TimeoutStopSec=2 is not cut short' "$(($(now) - started)) ms, result $(property "$edge" Result)" \
  test "$(property "$edge" Result) $(($(now) - started > 3000))" = 'success 1'
started=$(now)
inside systemctl stop "$hub"
check 'a hub stops' "$(($(now) - started)) ms, result $(property "$hub" Result)" test "$(property "$hub" Result)" = success

end
