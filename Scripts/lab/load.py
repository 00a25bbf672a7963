"""Many more clients, by `emojitrack-bench load`: they are compared with Redis by their sums."""

import json

from processes import wait_until
from verdict import waves

CONNECT_SECONDS = 100


class Load:
    """One process of the load client. It measures between two moments at which Redis counts nothing, so it must begin before
    the feeder writes, and end after it."""

    def __init__(self, trial, name, url, clients, seconds, connect_rate=1_000, pid=None, host=None):
        self.trial, self.clients = trial, clients
        host = host or trial.fleet.host(name)
        # Its clients would be on thousands of machines: they must not search long for a port.
        host.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65535", "net.ipv4.tcp_tw_reuse=1")
        self.file = trial.folder / (name + ".json")
        arguments = [
            trial.fleet.binaries / "emojitrack-bench", "load", "--url", url, "--clients", clients, "--connect-rate", connect_rate,
            "--seconds", seconds, "--probes", "0", "--redis-url", "redis://%s:6379" % trial.fleet.redis.host.address, "--json", self.file]
        if pid:
            arguments += ["--pid", pid]
        self.program = trial.fleet.program(host, name, arguments).start()

    def await_start(self):
        wait_until(
            lambda: "measuring" in self.program.log.read_text(), "%s measures" % self.program.name, CONNECT_SECONDS, [self.program])

    def finish(self, limits):
        """Waits for its end, and returns what is wrong."""
        self.program.is_expected_to_run = False
        self.program.wait(400)
        self.report = report = json.loads(self.file.read_text())
        check = report.get("check", {})
        faults = []
        if not (report["good"] and check.get("expected") and check["clients"] == check["exact"] == self.clients):
            faults.append("%s: of %d clients %s were compared, and %s exact" % (
                self.program.name, self.clients, check.get("clients"), check.get("exact")))
        refused = sum(count for reason, count in report["reasons"].items() if not reason.startswith("lost: released"))
        for limit, value, what in (
            (limits.overdue_maximum, report["silence_beyond_retry"]["maximum_microseconds"] / 1e6, "a silence was %.1f s longer than its retry, more than %g s"),
            (limits.refused_maximum, refused, "%d connections were refused or reset, more than %d"),
            (limits.further_maximum, report["further_addresses_maximum"], "a client tried %d further addresses, more than %d"),
            (limits.load_peak_maximum, self.peak(), "the reconnect peak is %.2f times the mean, more than %g"),
        ):
            if limit is not None and value > limit:
                faults.append("%s: %s; %s" % (self.program.name, what % (value, limit), report["reasons"]))
        return faults

    def peak(self):
        """The greatest number of returns in a second, in relation to the mean of its wave."""
        seconds = [second for second, count in enumerate(self.report["returned_by_second"]) for _ in range(count)]
        ratios = []
        for wave in waves(seconds):
            if len(wave) >= 100 and wave[-1] - wave[0] >= 3:
                ratios.append(max(map(wave.count, set(wave))) / (len(wave) / (wave[-1] - wave[0] + 1)))
        return max(ratios, default=0.0)

    def summary(self):
        report = self.report
        check, silence, beyond = report.get("check", {}), report["silence"], report["silence_beyond_retry"]
        text = "%d clients by %s: %s of %s exact (%s increments each), %.1f events a second for each" % (
            self.clients, self.program.name, check.get("exact"), check.get("clients"), check.get("expected"), report["events_per_stream_second"])
        if silence["count"]:
            text += "; %d returned, silent for %.1f s (median), %.1f s (p99), %.1f s (longest), beyond retry at most %.2f s, peak by mean %.2f" % (
                silence["count"], silence["p50_microseconds"] / 1e6, silence["p99_microseconds"] / 1e6, silence["maximum_microseconds"] / 1e6,
                beyond["maximum_microseconds"] / 1e6, self.peak())
        if "memory_per_idle_client_bytes" in report:
            text += "; %.2f KiB of the edge's memory for each, idle" % (report["memory_per_idle_client_bytes"] / 1024)
        text += "; further addresses: %d, at most %d for one connection" % (report["further_addresses"], report["further_addresses_maximum"])
        return text + "; " + ", ".join("%d %s" % (count, reason) for reason, count in report["reasons"].items())
