#!/usr/bin/env bash
# Checks Deploy/compose.yaml and the files that it mounts, as far as that is possible without the images of others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly package=podman-compose==1.6.0
if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  cat <<'TEXT'
Usage: Scripts/compose-check.sh

Lets podman-compose read Deploy/compose.yaml, looks whether each file that it mounts is there, and checks the configuration of
Prometheus with promtool. Starts nothing. Installs podman-compose from PyPI in a temporary folder, and removes it.
TEXT
  exit 0
fi
(($# == 0)) || { printf 'compose-check.sh: no such option: %s\n  See --help.\n' "$1" >&2 && exit 64; }

workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
python3 -m venv "$workshop/tools" ||
  { printf 'compose-check.sh: python3 -m venv failed.\n  apt-get install python3-venv\n' >&2 && exit 69; }
"$workshop/tools/bin/pip" install --quiet --disable-pip-version-check "$package"

printf '== Read compose.yaml with %s\n' "$package"
VERSION=0 "$workshop/tools/bin/podman-compose" --file Deploy/compose.yaml config >"$workshop/config.yaml"
"$workshop/tools/bin/python" - "$workshop/config.yaml" <<'PYTHON'
import os, sys, yaml
services = yaml.safe_load(open(sys.argv[1]))["services"]
problems = []
for name, service in services.items():
    if name in ("redis", "prometheus", "grafana"):
        continue
    for key, value in {"user": "10001:10001", "read_only": True, "cap_drop": ["ALL"]}.items():
        if service.get(key) != value:
            problems.append(f"{name}: {key} is {service.get(key)}, not {value}")
for name, service in services.items():
    for volume in service.get("volumes", []):
        source = volume.split(":")[0] if isinstance(volume, str) else volume.get("source", "")
        # The certificates are made by Deploy/compose/certificates.sh.
        path = os.path.normpath(os.path.join("Deploy", source))
        if source.startswith(".") and not path.endswith("certificates") and not os.path.exists(path):
            problems.append(f"{name}: there is no {path}")
print(f"   {len(services)} services: {', '.join(services)}")
for problem in problems:
    print(f"   FOUND  {problem}")
sys.exit(1 if problems or len(services) != 9 else 0)
PYTHON

if command -v promtool >/dev/null; then
  printf '== Check prometheus.yaml with promtool\n'
  cp Deploy/compose/prometheus.yaml Deploy/prometheus/alerts.yaml "$workshop"
  promtool check config "$workshop/prometheus.yaml" | sed 's/^/   /'
else
  printf '== promtool is not installed: prometheus.yaml is unchecked\n'
fi
printf '== All good: %d s\n' "$SECONDS"
