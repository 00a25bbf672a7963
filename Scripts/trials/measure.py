"""What a process takes of the machine, by /proc, and what it counts, by /metrics."""

import os
import re
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE = re.compile(r"^([a-z0-9_]+(?:\{[^}]*\})?) (\S+)", re.MULTILINE)


def processor_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_bytes(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def samples(text):
    """Each sample of /metrics by its name with its labels."""
    return {match[1]: float(match[2]) for match in SAMPLE.finditer(text or "")}


class Watch:
    """Watches a process for a while: its share of a core, and its memory ten times a second."""

    def __init__(self, pid):
        self.pid, self.memory = pid, []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.began, self.processor = time.monotonic(), processor_seconds(self.pid)
        self.thread.start()
        return self

    def _run(self):
        while not self.is_over.wait(0.1):
            try:
                self.memory.append(memory_bytes(self.pid))
            except OSError:
                return

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        try:
            self.share = (processor_seconds(self.pid) - self.processor) / (time.monotonic() - self.began)
        except OSError:
            self.share = float("nan")  # It has died, which is reported as such.

    @property
    def ends(self):
        """Its memory at the beginning and at the end."""
        return (self.memory[0], self.memory[-1]) if self.memory else (0, 0)

    @property
    def growth(self):
        """How much more memory it held in the last fifth than in the second one: the first fills what has bounds."""
        fifth = max(1, len(self.memory) // 5)
        return max(self.memory[-fifth:], default=0) - max(self.memory[fifth:2 * fifth], default=0)
