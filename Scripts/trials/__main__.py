"""Floods, stalls and lies against the real programs, on loopback. Scripts/trials.sh starts it."""

import argparse
import dataclasses
import pathlib
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The modules of the trials come first: the lab has a `report` and a `trial` too.
sys.path.insert(0, str(HERE))
sys.path.append(str(HERE.parent / "lab"))

import report  # noqa: E402
from deployment import make_certificates  # noqa: E402
from run import run  # noqa: E402
from trials import ALL  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="trials", description="Floods, stalls and lies against the real programs, on loopback.")
    parser.add_argument("names", nargs="*", metavar="TRIAL", help="the trials; all, if none is named")
    parser.add_argument("--list", action="store_true", help="list the trials")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build/release", help="the folder of the commands")
    parser.add_argument("--seconds", type=float, default=20, help="how long each flood lasts (default 20)")
    parser.add_argument("--clients", type=int, help="how many good clients are served (default 200)")
    return parser.parse_args()


def chosen(names):
    known = {trial.name: trial for trial in ALL}
    for name in names:
        if name not in known:
            raise SystemExit("trials: there is no trial '%s'.\n  List them: Scripts/trials.sh --list" % name)
    return [known[name] for name in names] or ALL


def with_clients(trials, count):
    return [dataclasses.replace(trial, clients=count) for trial in trials] if count else trials


def main():
    options = arguments()
    if options.list:
        for trial in ALL:
            print("%-24s %s" % (trial.name, trial.text))
        return 0
    trials = with_clients(chosen(options.names), options.clients)
    for program in ("emojitrack-hub", "emojitrack-edge"):
        if not (options.binaries / program).exists():
            raise SystemExit("trials: %s has no %s.\n  Build it: swift build -c release" % (options.binaries, program))
    run_folder = ROOT / ".run" / time.strftime("trials-%H%M%S")
    certificates = run_folder / "certificates"
    run_folder.mkdir(parents=True)
    make_certificates(certificates)
    surrounding, rows, notes, is_good = report.surroundings(ROOT), [], [], True
    for trial in trials:
        print("== %-24s %s" % (trial.name, trial.text), flush=True)
        folder = run_folder / trial.name
        folder.mkdir()
        outcome = run(trial, folder, options.binaries.resolve(), certificates, options.seconds)
        if outcome.faults and outcome.faults == [outcome.late]:
            # A burst of another program of this machine looks the same. It does not come twice at the same moment.
            print("   AGAIN   " + outcome.late, flush=True)
            first = outcome.late
            outcome = run(trial, folder, options.binaries.resolve(), certificates, options.seconds)
            outcome.notes.append("the figures are those of a second run: in the first " + first)
        rows.append(report.row(outcome, options.seconds))
        notes += [(trial.name, text) for text in dict.fromkeys(outcome.faults + outcome.notes)]
        for fault in dict.fromkeys(outcome.faults):
            print("   MISSED  " + fault, flush=True)
        print("   " + " | ".join(rows[-1][2:]), flush=True)
        if outcome.faults:
            is_good = False
        else:
            shutil.rmtree(folder)
    shutil.rmtree(certificates)
    text = report.text(surrounding, rows, notes)
    (ROOT / ".run" / (run_folder.name + ".md")).write_text(text)
    print("\n" + text)
    # The logs of what was missed stay.
    if is_good:
        shutil.rmtree(run_folder)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
