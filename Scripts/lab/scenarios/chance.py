"""All of it, at random."""

import os
import random
import time

from declared import scenario


class Chance:
    """Breaks one thing after the other, and mends it. At least one hub and two edges work at any time."""

    def __init__(self, trial, seed):
        self.trial, self.random = trial, random.Random(seed)
        self.down = []

    def step(self):
        trial = self.trial
        edge, hub = self.random.choice(trial.edges), self.random.choice(trial.hubs)
        action = self.random.choice(["kill edge", "kill hub", "stop edge", "cut", "one way", "loss", "drain", "pause", "redis", "reload", "names"])
        if action == "kill edge":
            self.away(edge)
        elif action == "kill hub":
            self.away(hub)
        elif action == "stop edge":
            edge.program.terminate()
            edge.program.wait(40)
            edge.restart()
        elif action in ("cut", "one way"):
            first, second = self.random.choice([("redis", hub.name), (hub.name, edge.name), (edge.name, "home-1"), ("home-1", edge.name)])
            trial.internet.cut(first, second, both=action == "cut")
            self.pass_time(2, 8)
            trial.internet.mend()
        elif action == "loss":
            trial.internet.lose(self.random.choice([edge, hub]).name, self.random.choice([3, 20]))
            self.pass_time(3, 8)
            trial.internet.mend()
        elif action == "drain":
            hub.post("/admin/edges/%s/drain" % edge.name, window=4)
            self.pass_time(5, 7)
            hub.post("/admin/edges/%s/undrain" % edge.name)
        elif action == "pause":
            program = self.random.choice([edge, hub]).program
            program.pause()
            self.pass_time(1, 4)
            program.resume()
        elif action == "redis":
            trial.fleet.redis.program.pause()
            self.pass_time(1, 3)
            trial.fleet.redis.program.resume()
        elif action == "reload":
            hub.post("/admin/edges/%s/reload" % edge.name)
        elif action == "names":
            trial.internet.isolate("dns-1")
            self.away(edge)
            trial.internet.mend()
        return action

    def away(self, node):
        node.kill()
        self.pass_time(1, 5)
        node.restart()
        node.wait()

    def pass_time(self, least, greatest):
        self.trial.steady(self.random.uniform(least, greatest))


@scenario(
    "Three minutes of all of it at random (LAB_MINUTES, LAB_SEED)", may_skip=True, resets=("corrected", "unknown_position"), must_reset=False,
    fleet={"edge_options": ["--keepalive", "5s", "--drain-window", "5s"]}, silence_limit=12)
def everything_at_random(trial):
    seed = int(os.environ.get("LAB_SEED") or random.randrange(1_000_000))
    end = time.monotonic() + 60 * float(os.environ.get("LAB_MINUTES") or 3)
    chance, actions = Chance(trial, seed), []
    while time.monotonic() < end:
        actions.append(chance.step())
        chance.pass_time(1, 4)
    trial.note("LAB_SEED=%d: %s" % (seed, ", ".join(actions)))
    trial.steady(15)
