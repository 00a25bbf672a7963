"""Processes that end or stand still."""

from declared import scenario


@scenario("An edge is killed; it comes back later", is_short=True, overdue_maximum=3)
def edge_crash(trial):
    trial.edges[0].kill()
    trial.steady(8)
    trial.edges[0].restart()
    trial.steady(2)


@scenario("A hub is killed, then the other one, each while its fellow is there", is_short=True, silence_maximum=2)
def hub_crash(trial):
    for hub in trial.hubs:
        hub.kill()
        trial.steady(3)
        hub.restart()
        hub.wait()
        trial.steady(3)


@scenario("Both hubs are killed at once, and come back after 5 s", may_skip=True, silence_maximum=15)
def both_hubs_crash(trial):
    for hub in trial.hubs:
        hub.kill()
    trial.steady(5)
    for hub in trial.hubs:
        hub.restart()
    trial.steady(10)


@scenario("An edge is added, and clients are balanced by the admin API", overdue_maximum=3, peak_maximum=3)
def edge_added(trial):
    fleet = trial.fleet
    newcomer = fleet.edges.pop()
    newcomer.kill()
    newcomer.program.is_expected_to_run = False
    trial.steady(6)
    fleet.edges.append(newcomer)
    newcomer.restart()
    newcomer.wait()
    trial.steady(6)  # The hub hears of its clients with the next report.
    trial.expect(trial.hubs[0].post("/admin/rebalance", rate=20), "the rebalance was refused")
    trial.steady(30)
    counts = [edge["clients"] if "clients" in edge else -1 for edge in trial.hubs[0].status().get("edges", [])]
    trial.note("clients of the edges after it: %s" % counts)
