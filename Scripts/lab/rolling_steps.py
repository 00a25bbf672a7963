"""The steps of a rolling restart: one process after the other ends, and starts again."""

PAUSE_SECONDS = 6  # Between two edges, so that the clients of one are back before the next one begins.


def restart_hubs(trial):
    for hub in trial.hubs:
        hub.program.terminate()
        hub.program.wait(30)
        hub.restart()
        hub.wait()
        trial.steady(2)


def restart_edges(trial):
    for edge in trial.edges:
        edge.program.terminate()
        while edge.program.is_running():
            trial.steady(0.5)
        edge.restart()
        edge.wait()
        trial.steady(PAUSE_SECONDS)
