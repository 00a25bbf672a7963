"""One run of one scenario: a fleet, a feeder, the checkers, and the verdict."""

import json
import sys
import time

from fleet import Fleet
from network import HERE
from processes import wait_until
from verdict import Verdict


class Trial:
    """What a scenario acts upon."""

    def __init__(self, folder, binaries, certificates, declared, show):
        self.folder, self.declared, self.show = folder, declared, show
        self.fleet = Fleet(folder, binaries, certificates, **declared.fleet)
        declared.prepare(self)
        self.checkers = []
        self.feeder = None
        self.loads = []
        self.watchers = []  # Other programs whose totals are compared at the end.
        self.further = []  # Further rows of the report, as texts.
        self.faults = []

    # What surrounds the scenario.

    def begin(self):
        self.fleet.start()
        for number, host in enumerate(self.declared.clients(self), 1):
            self.add_checker(host, "checker-%d" % number)
        self.add_feeder()
        self.loads = self.declared.loads(self)
        total = sum(self.status(checker)["clients"] for checker in self.checkers if self.await_status(checker))
        wait_until(lambda: self.count("began") == total and self.count("streaming") == total, "all clients stream", programs=self.checkers)
        for load in self.loads:
            load.await_start()
        self.feeder.tell("rate %g" % self.declared.rate)
        self.began = time.monotonic()
        self.steady(2)

    def add_checker(self, host, name):
        counts = ",".join("%s=%d" % pair for pair in self.declared.kinds.items())
        program = self.fleet.program(host, name, [
            sys.executable, HERE / "checker.py", self.declared.name_of_edges, self.declared.port, self.declared.silence_limit, counts,
            self.folder / (name + ".result"), *(["older"] if self.declared.reads_older else [])])
        self.checkers.append(program.start())

    def add_feeder(self):
        host = self.fleet.host("feeder")
        nodes = self.fleet.sentinels.nodes if self.fleet.sentinels else []
        sentinels = [",".join("%s:26379" % node.host.address for node in nodes)] if nodes else []
        self.feeder = self.fleet.program(host, "feeder", [
            sys.executable, HERE / "feeder.py", self.fleet.redis.host.address, 6379, 0, self.folder / "feeder.result", *sentinels]).start()

    def await_status(self, checker):
        wait_until(lambda: self.status(checker), checker.name + " has begun", programs=[checker])
        return True

    def status(self, program):
        suffix = ".result.status"
        try:
            return json.loads((self.folder / (program.name + suffix)).read_text())
        except (OSError, ValueError):
            return None

    def count(self, what):
        return sum((self.status(checker) or {}).get(what, 0) for checker in self.checkers)

    def finish(self):
        """Ends the feeder, compares, and returns the verdict."""
        self.feeder.is_expected_to_run = False
        self.feeder.tell("end")
        self.feeder.wait(10)
        history = self.master().history()
        path = self.folder / "history.json"
        path.write_text(json.dumps(history))
        for checker in self.checkers:
            checker.is_expected_to_run = False
            checker.tell("finish %s %d" % (path, self.declared.settle_seconds))
        self.look_at_stragglers()
        results = []
        for checker in self.checkers:
            checker.wait(self.declared.settle_seconds + 60)
            results += json.loads((self.folder / (checker.name + ".result")).read_text())
        for watcher in self.watchers:
            self.faults += watcher.finish(history)
        for load in self.loads:
            self.faults += load.finish(self.declared)
            self.note(load.summary())
        return Verdict(self.declared, results, len(history), self.faults, self.further)

    def look_at_stragglers(self):
        """Keeps the state of all sockets, if some clients have not received everything shortly before the end."""
        deadline = time.monotonic() + self.declared.settle_seconds - 2
        while time.monotonic() < deadline:
            if not any(checker.is_running() for checker in self.checkers):
                return
            time.sleep(0.2)
        for name, host in self.internet.hosts.items():
            (self.folder / (name + ".sockets")).write_text(host.run("ss", "-tinm", check=False))

    def master(self):
        """The Redis whose totals count."""
        if not self.fleet.sentinels:
            return self.fleet.redis
        return self.fleet.sentinels.masters()[0]

    # What a scenario uses.

    def clients_of(self, edge):
        """How many clients stream from an edge, by the addresses that they connected to."""
        return sum(self.status(checker)["peers"].get(edge.host.address, 0) for checker in self.checkers)

    @property
    def hubs(self):
        return self.fleet.hubs

    @property
    def edges(self):
        return self.fleet.edges

    @property
    def internet(self):
        return self.fleet.internet

    def steady(self, seconds):
        """Lets time pass, and shows what happens. No program may end by itself."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            for program in self.fleet.died():
                program.is_expected_to_run = False
                self.faults.append("%s ended by itself:\n%s" % (program.name, program.tail()))
            self.show("%3d s, %d of %d clients stream, %d increments written" % (
                time.monotonic() - self.began, self.count("streaming"), self.count("clients"), (self.status(self.feeder) or {}).get("written", 0)))
            if left <= 0:
                return
            time.sleep(min(0.5, left))

    def wait_for(self, condition, what, seconds):
        """Waits until something is true; a fault if that takes too long. Returns the seconds that it took."""
        start = time.monotonic()
        while not condition():
            if time.monotonic() > start + seconds:
                self.faults.append("%s: not within %g s" % (what, seconds))
                break
            self.steady(0.2)
        return time.monotonic() - start

    def all_stream(self):
        return self.count("streaming") == self.count("clients")

    def note(self, text):
        """A further figure for the report."""
        self.further.append(text)

    def expect(self, condition, what):
        if not condition:
            self.faults.append(what)
