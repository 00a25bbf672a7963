"""Processes that end or stand still."""

from declared import scenario


@scenario("An edge is killed, and then a hub; both come back (the short form)", is_short=True, overdue_maximum=3)
def short(trial):
    trial.edges[0].kill()
    trial.steady(1)
    trial.edges[0].restart()
    trial.steady(4)
    trial.hubs[0].kill()
    trial.steady(2)
    trial.hubs[0].restart()
    trial.hubs[0].wait()
    trial.steady(1)


@scenario("An edge is killed; it comes back later", overdue_maximum=3)
def edge_crash(trial):
    trial.edges[0].kill()
    trial.steady(8)
    trial.edges[0].restart()
    trial.steady(2)


@scenario("A hub is killed, then the other one, each while its fellow is there", silence_maximum=2)
def hub_crash(trial):
    for hub in trial.hubs:
        hub.kill()
        trial.steady(3)
        hub.restart()
        hub.wait()
        trial.steady(3)


@scenario("Both hubs are killed at once, and come back after 5 s", silence_maximum=15, may_skip=True)
def both_hubs_crash(trial):
    for hub in trial.hubs:
        hub.kill()
    trial.steady(5)
    for hub in trial.hubs:
        hub.restart()
    trial.steady(10)


@scenario("A hub and an edge come back at once, and the edge reaches the hub that remembers 3 s later than the other one")
def newcomers(trial):
    trial.hubs[0].kill()
    trial.edges[0].kill()
    trial.hubs[0].restart()
    trial.hubs[0].wait()
    trial.internet.cut("hub-2", "edge-1")
    trial.edges[0].restart()
    trial.steady(2.5)  # The SYN is sent again after 1 s, and after 3 s.
    trial.internet.mend()
    trial.steady(8)


@scenario("An edge is added, and clients are balanced by the admin API", fleet={"edges": 3, "spare": 1}, overdue_maximum=3)
def edge_added(trial):
    newcomer = trial.fleet.spare[0]
    newcomer.restart()
    newcomer.wait()
    trial.edges.append(newcomer)
    trial.fleet.published.append(newcomer)
    trial.fleet.publish()
    trial.steady(6)  # The hub hears of its clients with the next report.
    trial.expect(trial.hubs[0].post("/admin/rebalance", rate=20), "the rebalance was refused")
    trial.steady(32)
    trial.expect(trial.clients_of(newcomer) >= 10, "the new edge has %d clients" % trial.clients_of(newcomer))
    trial.note("clients of each edge afterwards: %s" % ", ".join(str(trial.clients_of(edge)) for edge in trial.edges))


@scenario(
    "A hub and an edge stand still for 100 s (SIGSTOP)", fleet={"edge_options": ["--keepalive", "5s"]}, silence_limit=12)
def processes_stopped(trial):
    # The kernel still accepts connections for the edge, and a client that meets it again waits again.
    trial.hubs[0].program.pause()
    trial.edges[0].program.pause()
    trial.steady(100)
    trial.hubs[0].program.resume()
    trial.edges[0].program.resume()
    trial.steady(15)
