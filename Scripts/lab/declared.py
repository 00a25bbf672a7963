"""How a scenario is declared."""

import dataclasses

from dns import NAME, PORT

SCENARIOS = {}


def two_homes(trial):
    """Where clients are: half of them on each of two hosts."""
    return [trial.fleet.host("home-1"), trial.fleet.host("home-2")]


@dataclasses.dataclass
class Declared:
    """A scenario: what happens, in which fleet, and what is good. None means that there is no such limit."""

    name: str
    title: str
    action: object
    fleet: dict = dataclasses.field(default_factory=dict)  # Arguments of Fleet.
    clients: object = two_homes
    kinds: dict = dataclasses.field(default_factory=lambda: {"raw": 40, "eps": 30, "snapshot": 30})  # On each host.
    loads: object = lambda trial: []  # Makes the load clients, once the fleet has started.
    load_peak_maximum: float = None  # Of the reconnects of a load, by mean.
    reads_older: bool = False  # Whether clients read streams of version 0.1 as well.
    rate: float = 200.0  # Increments a second.
    silence_limit: float = 40.0  # After what time a client gives up a silent connection.
    name_of_edges: str = NAME
    port: int = PORT
    prepare: object = lambda trial: None  # What to do before the fleet starts.
    is_short: bool = False  # Whether it is part of the short form.
    is_extra: bool = False  # Whether it runs only when it is named.
    settle_seconds: int = 20  # How long clients may take for the rest, once nothing more is written.
    must_fail: bool = False  # Whether the checker must object.
    resets: tuple = ()  # The reasons of resets that tell what Redis itself lost.
    must_reset: bool = True  # With `resets`: whether Redis certainly lost something.
    may_skip: bool = False  # Whether raw may skip ids that no hub heard, as documented.
    may_be_late: bool = False
    silence_maximum: float = None
    overdue_maximum: float = None  # By how much a silence may be longer than the client was told to wait.
    refused_maximum: int = None
    further_maximum: int = None


def scenario(title, **declaration):
    """Declares the decorated function as a scenario; it gets the trial, once everything streams."""

    def declare(action):
        name = action.__name__.replace("_", "-")
        SCENARIOS[name] = Declared(name, title, action, **declaration)
        return action

    return declare
