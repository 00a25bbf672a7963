#!/usr/bin/env python3
"""Tests that a trial can fail, and that floods have bounds: python3 Scripts/trials/test_trials.py"""

import pathlib
import sys
import types
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))

import attempts  # noqa: E402
import http2_shapes  # noqa: E402
import peer  # noqa: E402
import run  # noqa: E402
import shapes  # noqa: E402
from declared import Trial  # noqa: E402
from measure import samples  # noqa: E402
from trials import ALL  # noqa: E402

GOOD = {"control": 0.040, "attack": 0.050, "share": 0.1, "growth": 0, "grown": 3, "exact": 200, "ended": 0, "resets": 0, "died": []}


def faults(**changes):
    """What is wrong with a trial that differs from a good one."""
    case = {**GOOD, **changes}
    outcome = run.Outcome(Trial("a", "", "Pings", counted=("reason_total",)))
    outcome.grown = {"reason_total": case["grown"]}
    outcome.watches = None, types.SimpleNamespace(share=case["share"], growth=case["growth"])
    outcome.report = {
        "delays": {phase: {"p99": case[phase]} for phase in ("control", "attack")}, "clients": 200, "lost": 0, "doubled": 0,
        "examples": [], "published": 9, **{name: case[name] for name in ("exact", "ended", "resets")}}
    run.judge(types.SimpleNamespace(died=lambda: case["died"], tail=lambda name: ""), outcome.trial, outcome)
    return outcome.faults


class Verdicts(unittest.TestCase):
    def test_good(self):
        self.assertEqual(faults(), [])

    def test_each_limit(self):
        for change in (
                {"attack": 0.081}, {"share": 0.26}, {"share": float("nan")}, {"growth": 9 * 2**20}, {"grown": 0}, {"exact": 199}, {"ended": 1},
                {"resets": 1}, {"died": ["edge"]}):
            self.assertEqual(len(faults(**change)), 1, change)


class Floods(unittest.TestCase):
    def test_each_flood_exists(self):
        for trial in ALL:
            module = attempts if trial.is_attempts else http2_shapes if trial.name.startswith("h2-") else shapes
            self.assertTrue(hasattr(module, trial.flood), trial.name)

    def test_bounds(self):
        for trial in ALL:
            if trial.is_attempts:
                continue
            shape = (getattr(shapes, trial.flood, None) or getattr(http2_shapes, trial.flood))()
            self.assertLessEqual(shape.count, 50 if trial.name.startswith("h2-") else 2_000)
            self.assertLessEqual(shape.rate, 50 if trial.name.startswith("h2-") else 2_500)
            self.assertLess(len(shape.begin(0)), 300_000)

    def test_frames(self):
        self.assertEqual(http2_shapes.frame(6, 1, 3, b"abc"), b"\0\0\3\6\1\0\0\0\3abc")
        self.assertEqual(peer.varint(300), b"\xac\x02")
        # The example of PROTOCOL.md.
        example = bytes.fromhex("00000012 01 454d5452 01 02 026532 05302e322e30 00 00")
        self.assertEqual(peer.hello("e2"), example.replace(b"0.2.0", b"0.1.0"))

    def test_metrics(self):
        self.assertEqual(samples('# HELP a b\na_total{reason="x"} 3\nb 0.5\n'), {'a_total{reason="x"}': 3, "b": 0.5})


if __name__ == "__main__":
    unittest.main()
