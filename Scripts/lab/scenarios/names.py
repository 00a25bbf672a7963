"""The name service, and what it says."""

from declared import scenario
from dns import CheckedNames


@scenario("A dead address is among those of the name, while an edge is killed", overdue_maximum=3)
def dead_record(trial):
    trial.fleet.add_dead_address()
    trial.edges[0].kill()
    trial.steady(8)
    trial.edges[1].program.terminate()
    trial.steady(14)


@scenario("The record of an edge is withdrawn, and the edge drains 3 s later", refused_maximum=0, overdue_maximum=2)
def withdrawn_record(trial):
    trial.fleet.withdraw(trial.edges[0])
    trial.steady(3)  # The records live for a second.
    trial.edges[0].program.terminate()
    trial.steady(14)


@scenario("The first name server is dead, while a hub restarts and then an edge", overdue_maximum=9)
def dead_name_server(trial):
    trial.internet.isolate("dns-1")
    trial.hubs[0].kill()
    trial.steady(1)
    trial.hubs[0].restart()
    trial.hubs[0].wait()
    trial.steady(6)
    trial.edges[0].kill()
    trial.steady(14)
    trial.edges[0].restart()
    trial.edges[0].wait()


@scenario(
    "The name server asks each edge whether it is ready (PowerDNS); an edge drains, another is killed",
    fleet={"names": CheckedNames, "edge_options": ["--drain-announce", "4s"]}, overdue_maximum=3)
def checked_records(trial):
    trial.edges[0].program.terminate()
    trial.steady(18)
    trial.note("refused during the drain: %d" % trial.count("refused"))
    trial.edges[1].kill()
    trial.steady(8)
