"""The table at the end, with what was run where."""

import datetime
import os
import platform
import subprocess

COLUMNS = ["scenario", "verdict", "clients", "median s", "p99 s", "longest s", "lost", "doubled", "late", "skipped", "resets", "returned", "peak by mean", "refused"]


def version_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return "not there"
    return (done.stdout or done.stderr).strip().splitlines()[0]


def surroundings(root):
    git = ["git", "-C", str(root)]
    commit = version_of(git + ["rev-parse", "--short", "HEAD"])
    changed = subprocess.run(git + ["status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        "commit %s%s" % (commit, " with changes" if changed else ""),
        "%d cores of %s, %.0f GiB, Linux %s" % (os.cpu_count(), cpu, memory, platform.release()),
        ", ".join([version_of(["redis-server", "--version"]).split(" sha=")[0], version_of(["dnsmasq", "--version"]).split("  ")[0],
                   version_of(["haproxy", "-v"]).split(" -")[0], "Python " + platform.python_version()]),
    ]


def row(name, verdict, seconds):
    figures = verdict.figures() if verdict else {}
    figures.update({"scenario": name, "verdict": "%s, %d s" % ("good" if verdict and verdict.is_good else "BAD", seconds)})
    return [figures.get(column, "") for column in COLUMNS]


def table(rows):
    lines = [COLUMNS, ["---"] * len(COLUMNS)] + rows
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def text(root, rows, notes, seconds):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    parts = ["# A run of the lab", "", "%s, %d minutes." % (now, round(seconds / 60)), ""]
    parts += ["- " + line for line in surroundings(root)]
    parts += ["", table(rows)]
    if notes:
        parts += ["", "Further figures:", ""] + ["- **%s**: %s" % note for note in notes]
    return "\n".join(parts) + "\n"
