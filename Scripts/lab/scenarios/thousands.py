"""More clients than one process can have."""

from declared import scenario
from load import Load
from nodes import Edge

EDGES, CLIENTS = 10, 10_000  # Clients of each edge.


def ten_edges(trial):
    fleet = trial.fleet
    machine = fleet.host("machine")
    fleet.edges = [Edge(fleet, number, machine, 8100 + number) for number in range(1, EDGES + 1)]
    fleet.published = []


def memory_available():
    line = next(line for line in open("/proc/meminfo") if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


def ten_loads(trial):
    trial.before = memory_available()
    host = trial.fleet.host("crowd")
    return [
        Load(trial, "load-%d" % number, "http://%s:%d/subscribe/eps" % (edge.host.address, edge.port), CLIENTS, 180, 250, edge.program.pid, host)
        for number, edge in enumerate(trial.edges, 1)]


@scenario(
    "100,000 plain clients of ten edges on one machine", fleet={"edges": 0}, prepare=ten_edges, clients=lambda trial: [],
    loads=ten_loads, rate=20, is_extra=True, refused_maximum=0)
def hundred_thousand(trial):
    used = trial.before - memory_available()
    trial.note("memory of everything, with %d clients connected: %.2f GiB more, %.1f KiB for each client (both ends, kernel included)" % (
        EDGES * CLIENTS, used / 2**30, used / EDGES / CLIENTS / 1024))
    trial.steady(60)
