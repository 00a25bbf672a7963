#!/usr/bin/env bash
# Builds the container images twice, and runs them with podman as restricted as possible: a stream, the health checks, a drain.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly usage='Usage: Scripts/images-check.sh [OPTION…]

Builds the images twice with Scripts/images.sh, to which it passes the options, into a storage of its own (or
that of CONTAINERS_STORAGE_CONF), and compares their ids. Then runs a
hub, an edge and a feeder by podman and runc in a network of their own, beside redis-server: not as root, with a
read-only file system, without capabilities, with a limit of memory. Checks a stream, the health checks while Redis or
the hub is away, and that the edge drains when its container is stopped. Some minutes; needs root.'

fail() { # message, remedy, status
  printf 'images-check.sh: %s\n  %s\n' "$1" "$2" >&2
  exit "${3:-1}"
}
if [[ ${1:-} == --help || ${1:-} == -h ]]; then printf '%s\n' "$usage" && exit 0; fi

if [[ ${1:-} != --in-own-network ]]; then
  ((EUID == 0)) || fail 'it makes a network namespace.' 'Run it as root.' 77
  for command in buildah podman runc redis-server curl openssl jq; do
    command -v "$command" >/dev/null || fail "$command is missing." "apt-get install buildah podman runc redis-server curl openssl jq" 69
  done
  workshop=$(mktemp -d)
  # A build that was interrupted leaves its mounts.
  trap '{ grep -F " $workshop/" /proc/mounts || true; } | cut -d" " -f2 | sort -r | xargs --no-run-if-empty umount || true; rm -rf --one-file-system -- "$workshop"' EXIT
  export workshop
  cat >"$workshop/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$workshop/storage"
runroot = "$workshop/run"
CONF
  # crun needs more of its machine than runc, and cgroupfs no systemd.
  cat >"$workshop/containers.conf" <<CONF
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
[containers]
# Also for \`podman exec\`; a host without CAP_SYS_RESOURCE may set no higher ones.
default_ulimits = ["nofile=16384:16384", "nproc=1024:1024"]
CONF
  export CONTAINERS_STORAGE_CONF=${CONTAINERS_STORAGE_CONF:-$workshop/storage.conf} CONTAINERS_CONF=$workshop/containers.conf
  for build in first second; do
    printf '== The %s build\n' "$build"
    Scripts/images.sh "$@" | tee "$workshop/$build"
  done
  ids() { grep -o '[0-9a-f]\{64\}' "$workshop/$1"; }
  [[ $(ids first | sort -u | wc -l) == 3 ]] || fail 'there are not three images.' 'See above.'
  [[ -z $(buildah images --quiet --filter dangling=true) ]] || fail 'images without a name are left.' 'buildah images --filter dangling=true'
  [[ $(ids first) == "$(ids second)" ]] || fail 'the second build made other images.' 'Compare them: podman image diff.'
  printf '   ok    both builds made the same images\n'
  status=0
  unshare --net Scripts/images-check.sh --in-own-network || status=$?
  exit "$status"
fi

version=$(sed -n 's/.*static let current = "\(.*\)"/\1/p' Sources/Service/Process/ServiceVersion.swift)
redis=0 failures=0
finish() {
  podman rm --force --time 0 --ignore hub edge feeder >/dev/null 2>&1 || true
  if ((redis)); then kill "$redis" 2>/dev/null || true; fi
}
trap finish EXIT
ip link set lo up

expect() { # what, command that succeeds…
  local what=$1
  shift
  if "$@"; then
    printf '   ok    %s\n' "$what"
  else
    printf '   FAIL  %s\n' "$what"
    failures=$((failures + 1))
  fi
}
within() { # seconds, command…
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

start_redis() {
  redis-server --port 6379 --bind 127.0.0.1 --dir "$workshop" --save '' >"$workshop/redis.log" 2>&1 &
  redis=$!
  within 10 redis-cli ping || fail 'Redis does not start.' "$(tail -n 3 "$workshop/redis.log")"
}
stop_redis() {
  kill "$redis"
  wait "$redis" 2>/dev/null || true
  redis=0
}
start() { # name, image, option of podman…
  local name=$1 image=$2
  shift 2
  podman run --detach --name "$name" --network host --read-only --cap-drop all --security-opt no-new-privileges \
    --memory 256m --stop-timeout 30 \
    --volume "$workshop/certificates:/certificates:ro" --env EMOJITRACK_TLS_AUTHORITY=/certificates/ca.pem \
    "$@" "ghcr.io/example/emojitrack-$image:$version" >/dev/null
}
start_hub() {
  start hub hub --env EMOJITRACK_TLS_CERTIFICATE=/certificates/hub.pem --env EMOJITRACK_TLS_KEY=/certificates/hub.key
}
start_edge() {
  # Both processes have one network here, so the edge asks at another port.
  start edge edge --env EMOJITRACK_TLS_CERTIFICATE=/certificates/edge-1.pem --env EMOJITRACK_TLS_KEY=/certificates/edge-1.key \
    --env EMOJITRACK_STATUS_LISTEN=:8003
}
state() { podman inspect --format "$1" "$2"; } # format, container
healthy() { podman healthcheck run "$1"; }
unhealthy() { ! podman healthcheck run "$1"; }
says() { { podman exec "$1" "emojitrack-$1" healthcheck 2>&1 || true; } | grep -F "$2" >/dev/null; } # container, words
setting() { podman image inspect "ghcr.io/example/emojitrack-$1:$version" | jq -e ".[0] | $2" >/dev/null; } # image, condition
# A path is not in an image: podman's status is then 127.
cannot_run() { # image, path
  local status=0
  podman run --rm --entrypoint "$2" "ghcr.io/example/emojitrack-$1:$version" >/dev/null 2>&1 || status=$?
  ((status == 127))
}
# Of what is compiled into the program, and of the libraries beside it.
has_licences() { # image
  local container status=0
  container=$(podman create "ghcr.io/example/emojitrack-$1:$version")
  podman cp "$container:/usr/share/doc" - | tar --extract --to-stdout --wildcards '*/emojitrack-relay/copyright' '*/LICENSE' '*/libssl3/copyright' |
    awk '/FoundationEssentials/ { a = 1 } /TERMS AND CONDITIONS/ { b = 1 } /OpenSSL/ { c = 1 } END { exit !(a && b && c) }' || status=1
  podman rm "$container" >/dev/null
  return "$status"
}
memory_limit() { # process: of its cgroup, version 1 or 2
  local path
  path=$(sed -n 's/^[0-9]*:memory://p' "/proc/$1/cgroup")
  if [[ -n $path ]]; then cat "/sys/fs/cgroup/memory$path/memory.limit_in_bytes"
  else cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")/memory.max"; fi
}

printf '== The images\n'
for image in hub edge; do
  expect "$image: the version, the user, the signal and the health check are in it" setting "$image" \
    ".Labels[\"org.opencontainers.image.version\"] == \"$version\" and .User == \"10001:10001\" and .Config.StopSignal == \"SIGTERM\"
     and .Healthcheck.Test == [\"CMD\", \"emojitrack-$image\", \"healthcheck\"]"
  expect "$image: it says its version" grep -qF "$version" <(podman run --rm "ghcr.io/example/emojitrack-$image:$version" --version)
  expect "$image: the licences of all that is inside are there" has_licences "$image"
  for path in /bin/sh /bin/bash /usr/bin/env /usr/bin/apt; do
    expect "$image: there is no $path" cannot_run "$image" "$path"
  done
done

printf '== A stream\n'
Deploy/certificates.sh --out "$workshop/certificates" --edges 1 >"$workshop/certificates.log" 2>&1
chmod 755 "$workshop" "$workshop/certificates"
chown 10001:10001 "$workshop"/certificates/*.key
start_redis
start_hub
start_edge
start feeder feeder --env EMOJITRACK_RATE=100
for name in hub edge; do
  expect "$name becomes healthy" within 20 healthy "$name"
  process=$(state '{{.State.Pid}}' "$name")
  expect "$name is user 10001, has no capability and cannot get one" grep -qzP \
    '(?s)Uid:\t10001\t10001\t10001\t10001\n.*CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\n.*NoNewPrivs:\t1\n' "/proc/$process/status"
  expect "$name: the root file system is read-only" grep -qE ' / / ro,| / ro,' "/proc/$process/mountinfo"
  expect "$name: the limit of memory is in force" test "$(memory_limit "$process")" = $((256 << 20))
  printf '         it has %s MiB in memory\n' "$(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$process/status") / 1024))"
done
curl --silent --no-buffer --max-time 5 http://127.0.0.1:8001/subscribe/eps >"$workshop/stream" || true
expect "a client got $(grep -c '^data:{' "$workshop/stream") events in 5 s" test "$(grep -c '^data:{' "$workshop/stream")" -gt 10
expect 'Prometheus gets the metrics of the hub' grep -q '^emojitrack_hub_edge_up' <(curl --silent http://127.0.0.1:8002/metrics)

printf '== The health checks\n'
stop_redis
podman stop --time 1 feeder >/dev/null
expect 'without Redis the hub becomes unhealthy' within 10 unhealthy hub
expect '… and says why' says hub 'no messages come from Redis'
expect '… and so does the edge' within 10 unhealthy edge
start_redis
expect 'with Redis both are healthy again' within 20 healthy edge
expect '… the hub too' healthy hub
podman stop hub >/dev/null
expect 'the hub ended with status 0' test "$(state '{{.State.ExitCode}}' hub)" = 0
expect 'without a hub the edge becomes unhealthy' within 10 unhealthy edge
expect '… and says why' says edge "No hub's scores arrive"
podman rm hub >/dev/null
start_hub
expect 'with the hub it is healthy again' within 20 healthy edge

printf '== The drain\n'
curl --silent --no-buffer http://127.0.0.1:8001/subscribe/eps >"$workshop/stream" &
client=$!
within 5 test -s "$workshop/stream" || true
start=$SECONDS
podman stop edge >/dev/null
took=$((SECONDS - start))
status=0
wait "$client" || status=$?
expect "the edge stopped in $took s, with status 0" test "$(state '{{.State.ExitCode}}' edge)" = 0
expect 'it took no longer than its grace' test "$took" -lt 30
expect 'the client saw the end of its stream, not a cut' test "$status" = 0

if ((failures)); then
  printf '== FAILED: %d\n' "$failures" >&2
  for name in hub edge; do podman logs "$name" 2>&1 | tail -n 8 >&2; done
  exit 1
fi
printf '== All good: %d s\n' "$SECONDS"
