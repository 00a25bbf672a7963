"""The table of trials."""

import datetime
import os
import platform
import re
import subprocess

COLUMNS = (
    "trial", "what is sent", "p99 control", "p99 attack", "CPU control", "CPU attack", "CPU of the sender", "memory", "growth", "counted",
    "verdict")


def number(value):
    return "{:,}".format(int(value))


def short(metric):
    """A metric by its last words and its labels: enough for a table."""
    name, _, labels = metric.partition("{")
    words = re.sub(r"^emojitrack_|_total$", "", name)
    label = re.search(r'"([^"]*)"', labels)
    return words + (" " + label[1] if label else "")


def row(outcome, seconds):
    trial, cells = outcome.trial, dict.fromkeys(COLUMNS, "")
    cells["trial"], cells["what is sent"] = trial.name, trial.text
    if outcome.report:
        control, attack = outcome.watches
        delays = outcome.report["delays"]
        sender = [(figures["cpu"] / figures.get("seconds", seconds)) for figures in (outcome.control, outcome.attack)]
        cells.update({
            "p99 control": "%.0f ms" % (delays["control"]["p99"] * 1e3), "p99 attack": "%.0f ms" % (delays["attack"]["p99"] * 1e3),
            "CPU control": "%.1f %%" % (control.share * 100),
            "CPU attack": "%s %.1f %%" % (trial.victim, attack.share * 100),
            "CPU of the sender": "%.0f, %.0f %%" % tuple(share * 100 for share in sender),
            "memory": "%.1f … %.1f MiB" % (attack.ends[0] / 2**20, attack.ends[1] / 2**20), "growth": "%.1f MiB" % (attack.growth / 2**20),
            "counted": ", ".join("%s %s" % (number(value), short(name)) for name, value in outcome.counted.items()),
        })
    cells["verdict"] = "MISSED" if outcome.faults else "good"
    return [cells[column] for column in COLUMNS]


def surroundings(root):
    git = ["git", "-C", str(root)]
    commit = subprocess.run(git + ["rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(git + ["status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return "commit %s%s; %d cores of %s, Linux %s, Python %s; load %.1f before" % (
        commit, " with changes" if changed else "", os.cpu_count(), cpu, platform.release(), platform.python_version(), os.getloadavg()[0])


def text(surrounding, rows, notes):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = [COLUMNS, ["---"] * len(COLUMNS)] + rows
    parts = ["# Trials", "", "%s; %s." % (now, surrounding), ""]
    parts += ["| " + " | ".join(cells) + " |" for cells in lines]
    if notes:
        parts += ["", "Further:", ""] + ["- **%s**: %s" % note for note in notes]
    return "\n".join(parts) + "\n"
