#!/bin/sh
# collect.sh PROGRAMS IMAGE: puts everything into the folder IMAGE that the programs in the folder PROGRAMS need to run,
# but not the programs. Runs in the Debian whose libraries are taken.
set -eu
programs=$1 image=$2

packages=$(mktemp)
printf '%s\n' ca-certificates >"$packages"
mkdir -p "$image/etc/ssl/certs" "$image/usr/lib/ssl" "$image/usr/share/doc" "$image/var/lib/dpkg/status.d"
for folder in bin lib lib64 sbin; do
  # As in Debian: /lib is /usr/lib.
  mkdir -p "$image/usr/$folder"
  ln -s "usr/$folder" "$image/$folder"
done

# The libraries, each under the name by which it is loaded, and the packages that they are from.
ldd "$programs"/* | sed -n 's,^\(.* => \|[[:space:]]*\)\(/[^ ]*\) (0x.*,\2,p' | sort -u >"$programs.libraries"
test -s "$programs.libraries"
while read -r library; do
  case $library in /usr/*) target=$library ;; *) target=/usr$library ;; esac
  mkdir -p "$image${target%/*}"
  cp --dereference "$library" "$image$target"
  file=$(readlink -f "$library")
  { dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}"; } | cut -d: -f1 >>"$packages"
done <"$programs.libraries"

# The authorities of the world, where OpenSSL looks for them: for rediss:// and for push.otlp over HTTPS.
cp /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs/"
ln -s /etc/ssl/certs "$image/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$image/usr/lib/ssl/cert.pem"

printf 'emojitrack:x:10001:10001:emojitrack-relay:/:/usr/sbin/nologin\n' >"$image/etc/passwd"
printf 'emojitrack:x:10001:\n' >"$image/etc/group"
printf 'hosts: files dns\n' >"$image/etc/nsswitch.conf"

# Licences, and the versions of the packages where scanners of images look for them.
mkdir -p "$image/usr/share/doc/emojitrack-relay"
cp /copyright "$image/usr/share/doc/emojitrack-relay/"
cp /LICENSE "$image/usr/share/doc/LICENSE"
sort -u "$packages" | while read -r package; do
  mkdir -p "$image/usr/share/doc/$package"
  cp --dereference "/usr/share/doc/$package/copyright" "$image/usr/share/doc/$package/"
  dpkg -s "$package" >"$image/var/lib/dpkg/status.d/$package"
done
for file in os-release debian_version; do cp --dereference "/etc/$file" "$image/etc/"; done

# Whatever the umask was: readable by all, writable by root alone.
chmod -R u=rwX,go=rX "$image"
