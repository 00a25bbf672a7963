#!/usr/bin/env python3
"""Prints what is in the programs, as JSON in the format of CycloneDX 1.6.

Usage: sbom.py --version VERSION --build FOLDER

FOLDER is the scratch folder of Scripts/static.sh. What a program contains is read from its symbols and from its dynamic
section, not from the manifest: a package that the linker dropped is not listed. Licences come from the tables of
Docs/dependencies.md; a package that is missing there, or has another version, is an error. The same programs give the same
text: its time is that of the commit.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "Docs/dependencies.md"
PROGRAMS = ["emojitrack-hub", "emojitrack-edge", "emojitrack-feeder", "emojitrack-bench"]
LICENCE = "Apache-2.0"
# Parts of Swift's toolchain that are linked in, by the beginning of names of C that only they have, or by a module.
TOOLCHAIN = {
    "Swift runtime and standard library": "swift_retain",
    "FoundationEssentials": "FoundationEssentials",
    "Foundation": "Foundation",
    "FoundationInternationalization": "FoundationInternationalization",
    "ICU": "ulocimp_",
    "libdispatch": "dispatch_async",
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def fail(message, remedy):
    raise SystemExit("sbom.py: %s\n  %s" % (message, remedy))


def rows():
    """The rows of all tables: by the first cell, the cells by the titles of their columns."""
    found, titles = {}, None
    for line in TABLES.read_text().splitlines():
        if not line.startswith("|"):
            titles = None
            continue
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if titles is None:
            titles = cells
        elif not cells[0].startswith("---"):
            found[cells[0]] = dict(zip(titles, cells))
    return found


def row(table, name, version):
    if name not in table:
        fail("%s has no row for %s %s, which is in the programs." % (TABLES.name, name, version), "Add it, with its licence.")
    listed = table[name].get("at release", "")
    if listed and listed != version:
        fail("%s lists %s %s, and %s was built." % (TABLES.name, name, listed, version), "Put the version that was built into the table.")
    return table[name]


def packages(build):
    """The resolved Swift packages, by name: version, address, commit, and the modules that they have."""
    state = json.loads((build / "workspace-state.json").read_text())
    for dependency in state["object"]["dependencies"]:
        reference, checkout = dependency["packageRef"], dependency["state"]["checkoutState"]
        manifest = build / "checkouts" / dependency["subpath"] / "Package.swift"
        # Targets and their folders may have different names, such as SystemPackage in Sources/System.
        modules = set(re.findall(r'\.target\(\s*name: *"([A-Za-z_]\w*)"', manifest.read_text()))
        modules |= {folder.name for folder in (manifest.parent / "Sources").iterdir() if folder.is_dir()}
        yield reference["identity"], checkout["version"], reference["location"].removesuffix(".git"), checkout["revision"], modules


def symbols(program):
    return set(output("nm", "--defined-only", "--format=just-symbols", program).split())


def modules_of(names):
    """The Swift modules that symbols belong to: a symbol begins with the length and the name of its module."""
    matches = (re.match(r"\$s(\d+)(.+)", name) for name in names)
    return {match[2][:int(match[1])] for match in matches if match}


def libraries(program):
    """The packages of Debian whose libraries a program loads, with their versions."""
    found = set()
    for path in re.findall(r"(/\S+) \(0x", output("ldd", program)):
        path = str(pathlib.Path(path).resolve())
        for candidate in (path, path.removeprefix("/usr")):
            owner = subprocess.run(["dpkg-query", "--search", candidate], capture_output=True, text=True).stdout
            if owner:
                name = owner.split(":")[0]
                found.add((name, output("dpkg-query", "--show", "--showformat=${Version} ${Architecture}", name)))
                break
        else:
            fail("no package of Debian has %s." % path, "Build on Debian.")
    return found


def component(kind, name, version, licence, purl, **further):
    return {
        "type": kind, "bom-ref": purl, "name": name, "version": version, "licenses": [{"expression": licence}], "purl": purl, **further}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    options = parser.parse_args()
    table, commit = rows(), output("git", "-C", ROOT, "rev-parse", "HEAD").strip()
    swift = re.search(r"Swift version (\S+)", output("swift", "--version")).group(1)
    resolved = list(packages(options.build))
    whole = "pkg:generic/emojitrack-relay@%s" % options.version
    components, graph = {}, {whole: []}
    for program in PROGRAMS:
        path = options.build / "release" / program
        if not path.exists():
            fail("there is no %s." % path, "Scripts/static.sh")
        has, inside = symbols(path), []
        linked = modules_of(has)

        def add(part):
            components.setdefault(part["bom-ref"], part)
            graph.setdefault(part["bom-ref"], [])
            inside.append(part["bom-ref"])

        for name, version, address, revision, modules in resolved:
            if modules & linked:
                purl = "pkg:swift/%s@%s" % (address.removeprefix("https://"), version)
                add(component("library", name, version, row(table, name, version)["licence"], purl, scope="required",
                              externalReferences=[{"type": "vcs", "url": address, "comment": "commit %s" % revision}]))
        for name, sign in TOOLCHAIN.items():
            if sign in linked or any(one.startswith(sign) for one in has):
                purl = "pkg:generic/%s@%s" % (name.lower().replace(" ", "-"), swift)
                add(component("library", name, swift, row(table, name, swift)["licence"], purl, scope="required"))
        for name, version in sorted(libraries(path)):
            version, architecture = version.split()
            licence = row(table, name, version)["licence"]
            add(component("library", name, version, licence, "pkg:deb/debian/%s@%s?arch=%s&distro=bookworm" % (
                name, version.replace("+", "%2B").replace(":", "%3A"), architecture), scope="required",
                description="A shared library of Debian: the package depends on it, and the image contains it."))
        own = "%s#%s" % (whole, program)
        components[own] = component("application", program, options.version, LICENCE, own)
        graph[own] = inside
        graph[whole].append(own)
    digest = hashlib.sha256(json.dumps([components, commit], sort_keys=True).encode()).hexdigest()
    moment = time.gmtime(int(output("git", "-C", ROOT, "log", "-1", "--format=%ct")))
    json.dump({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, digest).urn, "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
            "component": component("application", "emojitrack-relay", options.version, LICENCE, whole),
            "properties": [{"name": "commit", "value": commit}, {"name": "swift", "value": swift}]},
        "components": sorted(components.values(), key=lambda one: one["bom-ref"]),
        "dependencies": [{"ref": ref, "dependsOn": sorted(parts)} for ref, parts in sorted(graph.items())],
    }, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
