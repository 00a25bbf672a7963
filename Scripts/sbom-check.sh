#!/usr/bin/env bash
# Validates an inventory of Scripts/sbom.py against the schema of CycloneDX, with the library of that project.
set -euo pipefail

readonly package='cyclonedx-python-lib[json-validation]==11.12.0'
if [[ ${1:-} == --help || ${1:-} == -h || $# != 1 ]]; then
  cat <<'TEXT'
Usage: Scripts/sbom-check.sh FILE

Validates a CycloneDX inventory, strictly, and checks that each of its references leads to a component. Installs
cyclonedx-python-lib from PyPI in a temporary folder, and removes it. Exits with status 69 if that fails.
TEXT
  exit $(($# == 1 ? 0 : 64))
fi
workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
install() { python3 -m venv "$workshop/tools" && "$workshop/tools/bin/pip" install --quiet --disable-pip-version-check "$package"; }
install ||
  { printf 'sbom-check.sh: %s cannot be installed.\n  apt-get install python3-venv; is PyPI there?\n' "$package" >&2 && exit 69; }
"$workshop/tools/bin/python" - "$1" <<'PYTHON'
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1]).read()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if error:
    sys.exit("sbom-check.sh: %s: %s" % (sys.argv[1], error))
document = json.loads(text)
known = {one["bom-ref"] for one in document["components"]} | {document["metadata"]["component"]["bom-ref"]}
missing = {ref for one in document["dependencies"] for ref in [one["ref"], *one["dependsOn"]]} - known
if missing:
    sys.exit("sbom-check.sh: no component is %s" % ", ".join(sorted(missing)))
print("   %s is valid: %d components" % (sys.argv[1], len(document["components"])))
PYTHON
