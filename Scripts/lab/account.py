"""What one client has received, and whether that is what Redis counted.

The feeder gives each increment an id of its own, `SERIAL-TIME` in hexadecimal: so each id counts once, and an increment
that is missing cannot be balanced by another one that came twice. As no other program writes, the increment at position
*n* is the *n*-th of Redis's ids in the order of their serials. That is all an account knows besides the client's bytes.
"""

import collections
import json

LATE_SECONDS = 1.0  # An increment is late if a younger one was received this long before.
MILESTONE_SECONDS = 0.1

Outcome = collections.namedtuple("Outcome", "lost skipped doubled foreign examples")


def serial(name):
    """The serial number in an id."""
    return int(name.partition("-")[0], 16)


def position(place):
    """The position in a place, `lineage:position:check`."""
    return int(place.rsplit(":", 2)[1])


class Account:
    """The account of one client of `eps` or `raw`, with `resume=1`, and maybe with `snapshot=1`."""

    def __init__(self, is_raw=False):
        self.is_raw = is_raw
        self.place = None  # The last `id:`, to be sent when the client returns.
        self.is_settled_since = None
        self.resets = collections.Counter()  # By reason.
        self.late = 0
        self.disordered = 0  # Of raw: increments that came after a younger one.
        self.misplaced = 0  # Events after which the sum of all totals was not the position.
        self.received = 0
        self._begin(None)

    def _begin(self, base):
        """Everything before the position `base` is not in this account; None if that is not known yet."""
        self.base = self.position = base
        self.counts = {}
        self.sum = 0
        self.jumps = []  # Of raw: pairs of positions that the stream itself skipped, from and up to.
        self._youngest = -1
        self._milestones = collections.deque()

    def take(self, event, now):
        """Takes a complete event, received at `now`."""
        name, data, place = event
        reached = position(place) if place else None
        if place:
            self.place = place
        if name == "message":
            if self.is_raw:
                self._count({data.decode(): 1}, now)
                if reached is not None and self.position is not None and reached > self.position + 1:
                    self.jumps.append((self.position, reached - 1))
            else:
                self._count(json.loads(data), now)
        elif name == "snapshot":
            self._begin(0)
            self.counts = json.loads(data)
            self.sum = sum(self.counts.values())
            self._youngest = max(map(serial, self.counts), default=-1)
        elif name == "position":
            if self.base is None:
                self.base = reached
            elif self.is_raw and self.position is not None and reached > self.position:
                self.jumps.append((self.position, reached))
        elif name == "reset":
            self.resets[json.loads(data)["reason"]] += 1
            self._begin(reached)
            if not place:
                self.place = None
        if reached is not None:
            self.position = reached
            if not self.is_raw and self.base is not None and self.base + self.sum != reached:
                self.misplaced += 1

    def _count(self, grown, now):
        milestones = self._milestones
        while len(milestones) > 1 and milestones[1][0] <= now - LATE_SECONDS:
            milestones.popleft()
        bar = milestones[0][1] if milestones and milestones[0][0] <= now - LATE_SECONDS else -1
        counts, youngest = self.counts, self._youngest
        for name, number in grown.items():
            counts[name] = counts.get(name, 0) + number
            self.sum += number
            age = serial(name)
            if age < bar:
                self.late += 1
            if age > youngest:
                youngest = age
            elif self.is_raw and age < youngest:
                self.disordered += 1
        self.received += len(grown)
        self._youngest = youngest
        if not milestones or milestones[-1][0] + MILESTONE_SECONDS <= now:
            milestones.append((now, youngest))

    def settle(self, history):
        """Compares with Redis: its ids in the order of their serials. Skipped are those at positions that the stream itself
        skipped, as documented for raw; lost are those that are missing otherwise; foreign are those that Redis does not hold."""
        base = self.base or 0
        expected = history[base:]
        missing = [index for index, name in enumerate(expected, base) if name not in self.counts]
        skipped = {index for index in missing for first, last in self.jumps if first <= index < last}
        lost = [history[index] for index in missing if index not in skipped]
        doubled = {name: number - 1 for name, number in self.counts.items() if number > 1}
        known = set(expected)
        foreign = [name for name in self.counts if name not in known]
        return Outcome(
            len(lost), len(skipped), sum(doubled.values()), len(foreign),
            {"lost": lost[:5], "doubled": list(doubled)[:5], "foreign": foreign[:5]},
        )

    def is_exact(self, history):
        """Whether nothing is missing or in excess: cheaper than `settle`."""
        skipped = sum(last - first for first, last in self.jumps)
        return len(self.counts) == self.sum == len(history) - (self.base or 0) - skipped
