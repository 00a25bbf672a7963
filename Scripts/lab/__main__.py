"""The lab: runs the relay on a small internet within this machine. Scripts/lab.sh starts it."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import report  # noqa: E402
import scenarios  # noqa: E402, F401
from declared import SCENARIOS  # noqa: E402
from dns import DOMAIN  # noqa: E402
from fleet import binaries_of  # noqa: E402
from trial import Trial  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="lab", description="Runs scenarios on a small internet of network namespaces.")
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help="the scenarios; all, if none is named")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--short", action="store_true", help="only the short form")
    parser.add_argument("--binaries", type=pathlib.Path, help="the folder of the commands")
    return parser.parse_args()


def chosen(options):
    for name in options.names:
        if name not in SCENARIOS:
            raise SystemExit("lab: there is no scenario '%s'.\n  List them: make lab SCENARIO=--list" % name)
    if options.names:
        return [SCENARIOS[name] for name in options.names]
    return [one for one in SCENARIOS.values() if (one.is_short if options.short else not one.is_extra)]


def show(text, is_last=False):
    """The line that shows the progress: on a terminal it replaces itself."""
    if sys.stdout.isatty():
        print("\r\x1b[K" + text, end="\n" if is_last else "", flush=True)
    elif is_last:
        print(text, flush=True)


def make_certificates(folder):
    names = [part for number in (1, 2) for part in ("--hub-name", "hub-%d.%s" % (number, DOMAIN))]
    subprocess.run([ROOT / "Deploy/certificates.sh", "--out", folder, "--edges", "12", *names], check=True, stdout=subprocess.DEVNULL)


def run(declared, folder, binaries):
    """Runs one scenario; returns its verdict, or None if it could not be run."""
    folder.mkdir(parents=True)
    certificates = folder / "certificates"
    shutil.copytree(folder.parent / "certificates", certificates)
    trial = None
    try:
        trial = Trial(folder, binaries, certificates, declared, lambda text: show("  %-22s %s" % (declared.name, text)))
        trial.begin()
        declared.action(trial)
        return trial.finish()
    except Exception:
        (folder / "failure.txt").write_text(traceback.format_exc())
        print("\n" + traceback.format_exc(), flush=True)
        return None
    finally:
        if trial:
            trial.fleet.end()


def main():
    options = arguments()
    if options.list:
        for one in SCENARIOS.values():
            print("%-24s %s%s" % (one.name, one.title, " (only when it is named)" if one.is_extra else ""))
        return 0
    if os.geteuid():
        raise SystemExit("lab: network namespaces need root.")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    binaries = binaries_of((options.binaries or ROOT / ".build/release").resolve())
    start = time.monotonic()
    folder = ROOT / ".run" / ("lab-%d" % os.getpid())
    folder.mkdir(parents=True)
    make_certificates(folder / "certificates")
    rows, notes, is_good = [], [], True
    for declared in chosen(options):
        began = time.monotonic()
        verdict = run(declared, folder / declared.name, binaries)
        seconds = time.monotonic() - began
        is_good &= tell(declared, verdict, seconds, folder)
        rows.append(report.row(declared.name, verdict, seconds))
        notes += [(declared.name, text) for text in (verdict.further if verdict else [])]
    path = ROOT / ".run" / ("lab-%s.md" % time.strftime("%Y-%m-%d-%H%M%S"))
    path.write_text(report.text(ROOT, rows, notes, time.monotonic() - start))
    print("\n%s\nThis report is in %s." % (path.read_text(), path.relative_to(ROOT)))
    if is_good:
        shutil.rmtree(folder)
    else:
        print("The logs are in %s." % folder.relative_to(ROOT))
    return 0 if is_good else 1


def tell(declared, verdict, seconds, folder):
    """Prints how a scenario went; what went well leaves no files behind."""
    is_good = verdict is not None and verdict.is_good
    cells = {} if verdict is None else verdict.figures()
    figures = ", ".join("%s %s" % (name, cells[name]) for name in ("clients", "longest s", "lost", "doubled", "late", "resets") if cells.get(name))
    show("%-24s %s, %d s: %s" % (declared.name, "good" if is_good else "BAD", seconds, figures), is_last=True)
    if is_good:
        shutil.rmtree(folder / declared.name)
    elif verdict:
        for fault in verdict.faults:
            print("    " + fault)
        for kind, examples in verdict.examples():
            print("    %s: %s" % (kind, examples))
    return is_good


if __name__ == "__main__":
    sys.exit(main())
