#!/usr/bin/env bash
# Installs, runs, upgrades and purges the Debian packages on a Debian machine of their own: one line for each check, with a
# figure. Needs root, mmdebstrap, systemd-nspawn, and the packages that Scripts/deb.sh has built.
# shellcheck disable=SC2016 # what is in single quotes is expanded in the machine
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Scripts/machine.sh
readonly tool=deb-check.sh && . Scripts/machine.sh

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  cat <<'TEXT'
Usage: Scripts/deb-check.sh [DIR]

Makes a Debian root, boots it with systemd-nspawn, installs the packages in DIR (default .build-deb) and Redis, and checks:
hub and edge run from the packages alone, clients stream, an upgrade keeps changed configuration and refuses no client, and
purging the packages leaves nothing. Exits with status 1 if a check fails.
TEXT
  exit 0
fi
readonly packages=${1:-.build-deb}
compgen -G "$packages/emojitrack-*.deb" >/dev/null ||
  { printf '%s: there are no packages in %s.\n  make deb\n' "$tool" "$packages" >&2 && exit 66; }

need mmdebstrap mmdebstrap systemd-nspawn systemd-container nsenter util-linux pgrep procps dpkg-deb dpkg
begin
readonly root=$workshop/root edge=emojitrack-edge@edge-1.service hub=emojitrack-hub.service

printf '== Make newer packages: the same, with a greater version and other defaults\n'
mkdir "$workshop/newer"
for package in "$packages"/emojitrack-*.deb; do
  tree=$workshop/tree
  dpkg-deb --raw-extract "$package" "$tree"
  sed -i 's/^Version: .*/&+1/' "$tree/DEBIAN/control"
  for file in "$tree"/etc/emojitrack/*.json; do
    [[ ! -e $file ]] || sed -i 's/"log.level": "info"/"log.level": "notice"/' "$file"
  done
  dpkg-deb --root-owner-group -Zgzip --build "$tree" "$workshop/newer/" >/dev/null
  rm -rf "$tree"
done

printf '== Make and boot a machine\n'
make_root "$root" systemd systemd-sysv dbus redis-server curl openssl procps libssl3 libhiredis0.14 liburing2 libstdc++6
mkdir "$root/old" "$root/new"
cp "$packages"/*.deb "$root/old/"
cp "$workshop"/newer/*.deb "$root/new/"
boot "$root" emojitrack-deb
# Everything on the machine but what programs write while they run.
inventory() { inside sh -c 'find /etc /usr /lib /var /home /root /opt /srv -xdev ! -path "/var/log/*" ! -path "/var/lib/dpkg/*" \
  ! -path "/var/lib/apt/*" ! -path "/var/cache/*" ! -path "/var/lib/redis/*" ! -path "/var/tmp/*" \
  ! -name "passwd*" ! -name "group*" ! -name "shadow*" ! -name "gshadow*" ! -name ".pwd.lock" ! -name machine-id ! -name "*.wants" | sort'; }
accounts() { inside sh -c 'cat /etc/passwd /etc/group | sort'; }
inventory >"$workshop/before"
accounts >"$workshop/accounts-before"

printf '== Install\n'
install_all() { inside env DEBIAN_FRONTEND=noninteractive sh -c "dpkg --install --force-confdef --force-confold $1/*.deb" >"$workshop/dpkg.log" 2>&1; }
started=$(now)
install_all /old || true
check 'the packages install' "$(($(now) - started)) ms" inside sh -c \
  '[ $(dpkg-query --show --showformat "\${db:Status-Status}\n" "emojitrack-*" | grep -cx installed) = 3 ]'
check 'nothing runs before it is configured' "$(inside pgrep --count emojitrack || true) processes" inside sh -c '! pgrep emojitrack'
check 'the user exists' "$(inside getent passwd emojitrack || true)" inside getent passwd emojitrack
check 'settings of the kernel are in force' 'tcp_migrate_req' inside sh -c '[ "$(sysctl -n net.ipv4.tcp_migrate_req)" = 1 ]'
for command in hub edge feeder; do
  check "emojitrack-$command has a version and a manual page" "$(inside emojitrack-$command --version || true)" \
    inside sh -c "emojitrack-$command --version && ls /usr/share/man/man*/emojitrack-$command.*.gz"
done
for package in hub edge tools; do
  check "emojitrack-$package has the licences of what is compiled in" '/usr/share/doc' inside sh -c \
    "grep -q 'FoundationEssentials' /usr/share/doc/emojitrack-$package/copyright && grep -q 'The SwiftLog' /usr/share/doc/emojitrack-$package/copyright"
done
inside emojitrack-certificates --out /etc/emojitrack --edge edge-1 >/dev/null
inside systemd-tmpfiles --create emojitrack-edge.conf
# As an operator would: this edge's own settings, and a change of the conffile of all edges.
inside sh -c 'printf "EMOJITRACK_HUB=127.0.0.1:8010\n" >/etc/emojitrack/edge-1.env
  sed -i "s/\"retry\": \"3s\"/\"retry\": \"2s\"/; s/\"drain.window\": \"10s\"/\"drain.window\": \"3s\"/; s/\"drain.announce\": \"5s\"/\"drain.announce\": \"1s\"/" /etc/emojitrack/edge.json'
inside systemctl enable --quiet --now "$hub" emojitrack-edge@edge-1.socket "$edge" 2>/dev/null || true
await 20 answers http://127.0.0.1:8000/readyz 200 || true
check 'the hub is ready' "$waited ms" answers http://127.0.0.1:8000/readyz 200
await 20 answers http://127.0.0.1:8001/readyz 200 || true
check 'the edge is ready' "$waited ms more" answers http://127.0.0.1:8001/readyz 200
# A client that returns with the place of its last event, as an EventSource does. It prints the growth of one id, and in
# another file whatever is not a stream.
cat >"$root/usr/local/bin/client" <<'CLIENT'
#!/bin/bash
while :; do
  url="http://127.0.0.1:8001/subscribe/eps?resume=1&lastEventId=$(cat /run/id 2>/dev/null)"
  curl --silent --show-error --no-buffer --fail "$url" 2>>/run/refusals | while read -r line; do
    case $line in
      id:*) printf '%s\n' "${line#id:}" >/run/id ;;
      event:reset*) printf 'reset\n' >>/run/refusals ;;
      data:*) sed -n 's/.*"2665":\([0-9]*\).*/\1/p' <<<"$line" ;;
    esac
  done
  # 0: the edge ended the stream in order.
  status=${PIPESTATUS[0]}
  [ "$status" = 0 ] || printf 'ended with %s\n' "$status" >>/run/refusals
  printf 'returned\n' >>/run/returns
  sleep 0.2
done
CLIENT
inside sh -c 'chmod 755 /usr/local/bin/client; : >/run/refusals; client >/run/received' &
helpers+=($!)
sleep 1
received() { inside awk '{ sum += $1 } END { print sum + 0 }' /run/received; }
has_received() { (($(received) >= $1)); } # count
tweet 2665
sent=1
soon 'a client streams' 5 has_received 1

printf '== Upgrade\n'
old=$(main_pid "$edge") old_hub=$(main_pid "$hub")
install_all /new &
upgrade=$!
helpers+=("$upgrade")
asked=0 answered=0 slowest=0
while kill -0 "$upgrade" 2>/dev/null; do
  asked=$((asked + 1)) started=$(now)
  if inside curl --silent --fail --max-time 30 --output /dev/null http://127.0.0.1:8001/healthz; then answered=$((answered + 1)); fi
  took=$(($(now) - started))
  ((took <= slowest)) || slowest=$took
  tweet 2665 && sent=$((sent + 1))
  sleep 0.1
done
wait "$upgrade" || bad 'the upgrade succeeds' "$(tail -n 3 "$workshop/dpkg.log")"
await 20 answers http://127.0.0.1:8001/readyz 200 || true
check 'hub and edge are new processes' "$(main_pid "$hub"), $(main_pid "$edge")" \
  test "$old_hub $old" != "$(main_pid "$hub") $(main_pid "$edge")" -a "$old_hub" != "$(main_pid "$hub")" -a "$old" != "$(main_pid "$edge")"
check 'requests over the upgrade are all answered' "$answered of $asked, the slowest in $slowest ms" \
  test "$answered" = "$asked" -a "$asked" -gt 5
await 10 has_received "$sent" || true
check 'the client came back, and got each increment once' "$(received) of $sent, $(inside grep -c . /run/returns) returns" \
  test "$(received)" = "$sent"
check 'no stream was refused, reset or broken off' "$(inside cat /run/refusals)" inside test ! -s /run/refusals
check 'a changed conffile is kept, and the new one is beside it' "$(inside sh -c 'ls /etc/emojitrack/*.dpkg-*' | xargs)" inside sh -c \
  'grep -q "\"retry\": \"2s\"" /etc/emojitrack/edge.json && grep -q notice /etc/emojitrack/edge.json.dpkg-dist'
check 'an unchanged conffile is the new one, and its mode stays' "$(inside stat -c '%a %U:%G' /etc/emojitrack/hub.json)" inside sh -c \
  'grep -q notice /etc/emojitrack/hub.json && [ "$(stat -c %a:%U:%G /etc/emojitrack/hub.json)" = 640:root:emojitrack ]'

printf '== Remove and purge\n'
inside env DEBIAN_FRONTEND=noninteractive dpkg --remove emojitrack-hub emojitrack-edge emojitrack-tools >"$workshop/dpkg.log" 2>&1 || true
check 'removing stops everything, and keeps the configuration' "$(inside sh -c 'ls /etc/emojitrack | wc -l') files" \
  inside sh -c '! pgrep emojitrack- && [ -e /etc/emojitrack/hub.key ] && [ -e /etc/emojitrack/edge.json ]'
inside env DEBIAN_FRONTEND=noninteractive dpkg --purge emojitrack-hub emojitrack-edge emojitrack-tools >"$workshop/dpkg.log" 2>&1 || true
rm -f "$root/usr/local/bin/client"
inventory >"$workshop/after"
left=$(diff "$workshop/before" "$workshop/after" || true)
check 'purging leaves no file' "$(grep -c '^[<>]' <<<"$left" || true) files differ" test -z "$left"
[[ -z $left ]] || printf '%s\n' "$left"
accounts >"$workshop/accounts-after"
check 'and no user' "$(diff "$workshop/accounts-before" "$workshop/accounts-after" | wc -l) lines differ" cmp "$workshop/accounts-before" "$workshop/accounts-after"
end
