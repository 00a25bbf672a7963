"""One trial: calm, the flood against a sink, the flood against the real program, and the verdict."""

import contextlib
import json
import time

import attempts
from declared import DELAY_FACTOR, GROWTH_MAXIMUM
from deployment import Deployment, line_of, python
from measure import Watch, samples


class Outcome:
    def __init__(self, trial):
        self.trial, self.faults, self.notes = trial, [], []
        self.control = self.attack = self.report = self.late = None
        self.counted = {}

    def expect(self, condition, text):
        if not condition:
            self.faults.append(text)


def flood(deployment, trial, port, seconds, outcome=None):
    """Keeps the flood up for a while, and returns what it did."""
    if trial.is_attempts:
        return getattr(attempts, trial.flood)(deployment, port, seconds, outcome)
    process = python("flood.py", trial.flood, port, seconds)
    try:
        return json.loads(line_of(process, seconds + 30))
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def sink(trial):
    process = python("sink.py", *["closes"] * trial.is_attempts)
    try:
        yield int(line_of(process, 10))
    finally:
        process.kill()
        process.wait()


def run(trial, folder, binaries, certificates, seconds):
    outcome = Outcome(trial)
    deployment = Deployment(folder, binaries, certificates, trial)
    try:
        deployment.begin()
        measure(deployment, trial, seconds * trial.factor, outcome)
    except (RuntimeError, OSError, ValueError) as error:
        outcome.faults.append(str(error))
    finally:
        deployment.stop()
    return outcome


def measure(deployment, trial, seconds, outcome):
    victim = deployment.programs[trial.victim].pid
    time.sleep(2)
    with sink(trial) as port:
        deployment.phase("control")
        with Watch(victim) as control:
            outcome.control = flood(deployment, trial, port, seconds)
    deployment.phase("between")
    time.sleep(1)
    before = counts(deployment)
    deployment.phase("attack")
    with Watch(victim) as attack:
        outcome.attack = flood(deployment, trial, deployment.ports[trial.target], seconds, outcome)
    deployment.phase("after")
    time.sleep(1)
    after = counts(deployment)
    outcome.grown = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    outcome.watches = control, attack
    outcome.report = deployment.finish_clients()
    figures = {"grown": outcome.grown, "control": outcome.control, "attack": outcome.attack, "clients": outcome.report}
    (deployment.folder / "figures.json").write_text(json.dumps(figures, indent=1))
    judge(deployment, trial, outcome)


def counts(deployment):
    return {**samples(deployment.get("edge_status", "/metrics")), **samples(deployment.get("hub_status", "/metrics"))}


def judge(deployment, trial, outcome):
    control, attack = outcome.watches
    report = outcome.report
    for name in deployment.died():
        outcome.faults.append("%s ended by itself:\n%s" % (name, deployment.tail(name)))
    if trial.processor_maximum is not None:
        outcome.expect(
            attack.share <= trial.processor_maximum,
            "the %s takes %.0f %% of a core, more than %.0f %%" % (trial.victim, attack.share * 100, trial.processor_maximum * 100))
    outcome.expect(attack.growth <= GROWTH_MAXIMUM, "the memory grew by %.1f MiB" % (attack.growth / 2**20))
    delays = [report["delays"][phase]["p99"] for phase in ("control", "attack")]
    if delays[1] > DELAY_FACTOR * delays[0]:
        outcome.late = "the good clients' p99 is %.0f ms, and %.0f ms in the control run" % (delays[1] * 1e3, delays[0] * 1e3)
        outcome.faults.append(outcome.late)
    for metric in trial.counted:
        outcome.counted[metric] = outcome.grown.get(metric, 0)
        ended = ", ".join("%s by %d" % pair for pair in outcome.grown.items() if "_closed_total" in pair[0] or "_ended_total" in pair[0])
        outcome.expect(outcome.counted[metric] > 0, "%s did not grow; what did: %s" % (metric, ended or "nothing"))
    inexact = report["clients"] - report["exact"]
    outcome.expect(not inexact, "%d of %d good clients are not exact: %d lost, %d doubled, among them %s; %d were published" % (
        inexact, report["clients"], report["lost"], report["doubled"], ", ".join(report["examples"]), report["published"]))
    outcome.expect(not report["ended"], "%d good clients were cut off" % report["ended"])
    outcome.expect(not report["resets"], "the good clients were told of %d resets" % report["resets"])
