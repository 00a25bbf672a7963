"""The figures of a scenario, and whether they are good."""

import collections
import math

CONCERNED_SECONDS = 1.0  # A client whose stream is silent for longer, while the feeder writes, is concerned.


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def waves(moments):
    """Divides moments where nothing happened for two seconds."""
    found = []
    for moment in sorted(moments):
        if not found or moment - found[-1][-1] > 2:
            found.append([])
        found[-1].append(moment)
    return found


def peak_by_mean(moments):
    """The greatest number in a second in relation to the mean of its wave; None if no wave of 20 takes three seconds."""
    ratios = []
    for wave in waves(moments):
        first, span = wave[0], wave[-1] - wave[0]
        if len(wave) < 20 or span < 3:
            continue
        # The last second may be a part of one: a bin there counts less, never more.
        bins = collections.Counter(int(moment - first) for moment in wave)
        ratios.append(max(bins.values()) / (len(wave) / span))
    return max(ratios, default=None)


class Verdict:
    def __init__(self, declared, results, written, faults, further):
        self.declared, self.results, self.written = declared, results, written
        self.faults, self.further = list(faults), list(further)
        self.clients = len(results)
        longest = [max((length for _, length, _ in result["silences"]), default=0.0) for result in results]
        self.silences = [length for length in longest if length >= CONCERNED_SECONDS]
        self.lost = self.sum("lost")
        self.doubled = self.sum("doubled")
        self.late = self.sum("late")
        self.skipped = self.sum("skipped")
        self.resets = sum((collections.Counter(result["resets"]) for result in results), collections.Counter())
        self.returns = [moment for result in results for moment in result["connected_at"][1:]]
        self.refused = self.sum("refused")
        self.further_addresses = max((further for result in results for further in result["further"]), default=0)
        self.ends = collections.Counter(end for result in results for end in result["ends"])
        # By how much a silence was longer than the client was told to wait, of clients that returned.
        self.overdue = max(
            (length - waited for result in results for _, length, waited in result["silences"] if waited), default=0.0)
        stalled = max((result["stalled"] for result in results), default=0.0)
        if stalled >= CONCERNED_SECONDS / 2:
            self.further.append("the checker itself stood still for up to %.1f s, because the machine was busy" % stalled)
        settled_after = max((result["settled_after"] for result in results), default=0.0)
        if settled_after >= 5:
            self.further.append("the clients had everything %.0f s after the last increment" % settled_after)
        self.judge()

    def sum(self, name):
        return sum(result[name] for result in self.results)

    def judge(self):
        declared = self.declared
        must_be_zero = {
            "lost": self.lost, "doubled": self.doubled, "foreign": self.sum("foreign"), "disordered": self.sum("disordered"),
            "events whose sum is not their position": self.sum("misplaced"),
            "clients that do not stream at the end": sum(not result["is_streaming"] for result in self.results),
        }
        if not declared.may_skip:
            must_be_zero["raw ids skipped"] = self.skipped
        if not declared.may_be_late:
            must_be_zero["late"] = self.late
        if not declared.resets:
            must_be_zero["resets"] = sum(self.resets.values())
        self.faults += ["%d %s" % (number, what) for what, number in must_be_zero.items() if number]
        self.faults += ["malformed: " + fault for result in self.results for fault in result["faults"]][:5]
        if declared.resets:
            wrong = set(self.resets) - set(declared.resets)
            if wrong:
                self.faults.append("resets with the reason " + ", ".join(sorted(wrong)))
            if declared.must_reset and not self.resets:
                self.faults.append("Redis lost increments, and no client was told")
        if not self.written:
            self.faults.append("nothing was written")
        for limit, value, what in (
            (declared.silence_maximum, max(self.silences, default=0.0), "the longest silence is %.1f s, more than %g s"),
            (declared.overdue_maximum, self.overdue, "a silence was %.1f s longer than its retry, more than %g s"),
            (declared.refused_maximum, self.refused, "%d attempts were refused, more than %d"),
            (declared.further_maximum, self.further_addresses, "a client tried %d further addresses, more than %d"),
        ):
            if limit is not None and value > limit:
                self.faults.append(what % (value, limit))

        if declared.must_fail:
            # What the clients received must show it: a machine that is too slow, or a program that ended, does not.
            seen = self.lost + self.doubled + sum(self.sum(name) for name in ("foreign", "disordered", "misplaced"))
            self.further.append("found: " + "; ".join(self.faults or ["nothing"]))
            self.faults = [] if seen else self.faults + ["the clients' bytes show no fault"]

    @property
    def is_good(self):
        return not self.faults

    @property
    def peak(self):
        return peak_by_mean(self.returns)

    def examples(self):
        """A few of the increments that are wrong, for the log."""
        return [(result["kind"], result["examples"]) for result in self.results if any(result["examples"].values())][:5]

    def figures(self):
        peak = self.peak
        silences = self.silences
        return {
            "clients": "%d of %d" % (len(silences), self.clients),
            "median s": "%.1f" % quantile(silences, 0.5) if silences else "",
            "p99 s": "%.1f" % quantile(silences, 0.99) if silences else "",
            "longest s": "%.1f" % max(silences) if silences else "",
            "lost": str(self.lost), "doubled": str(self.doubled), "late": str(self.late), "skipped": str(self.skipped),
            "resets": ", ".join("%d %s" % (count, name) for name, count in sorted(self.resets.items())),
            "returned": str(len(self.returns)),
            "peak by mean": "%.1f" % peak if peak else "",
            "refused": str(self.refused),
        }
