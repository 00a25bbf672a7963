"""What a trial is: what is sent to whom, and what must hold meanwhile. The trials themselves are in `trials.py`."""

import dataclasses


@dataclasses.dataclass
class Trial:
    name: str
    text: str
    flood: str  # The name of a shape, or of a function in `attempts.py`.
    target: str = "plain"  # The port that the flood goes to.
    victim: str = "edge"
    processor_maximum: float | None = 0.25  # Of a core; None where the work is owed and not refused.
    counted: tuple = ()  # Metrics of which each must have grown.
    edge: tuple = ()  # Further settings of the edge.
    files: int | None = None  # The limit of open files of the edge.
    clients: int = 200
    factor: float = 1.0  # Of the usual time.
    has_lying_hub: bool = False

    @property
    def is_attempts(self):
        return self.flood[0].islower()


DELAY_FACTOR = 2  # The good clients' 99th percentile, beside that of the control run.
GROWTH_MAXIMUM = 8 * 2**20  # Bytes of memory after the beginning of an attack.


def closed(reason):
    return 'emojitrack_edge_connections_closed_total{reason="%s"}' % reason


def goaway(reason):
    return 'emojitrack_edge_http2_goaways_total{reason="%s"}' % reason


def ended(reason):
    return 'emojitrack_hub_links_ended_total{end="%s"}' % reason


def refused(reason):
    return 'emojitrack_hub_admin_refusals_total{reason="%s"}' % reason
