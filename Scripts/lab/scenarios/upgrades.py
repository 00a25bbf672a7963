"""Hubs and edges of an older version beside those of this one, and the upgrade of a fleet under load.

LAB_OLDER is the folder of the older version's commands; Scripts/upgrade-check.sh builds them.
"""

import os
import pathlib

from declared import scenario
from load import Load
from rolling_steps import restart_edges, restart_hubs

OLDER = pathlib.Path(os.environ.get("LAB_OLDER", "/nowhere")).resolve()
CLIENTS = int(os.environ.get("LAB_CLIENTS") or 1_000)
LOAD_SECONDS = 130
# Clients that return to an older edge need places that it can read.
WITHOUT_CHECK = {"environments": {"edge-%d" % number: {"EMOJITRACK_RESUME_CHECK": "false"} for number in range(1, 5)}}


def load(trial):
    url = "http://%s:%d/subscribe/eps?resume=1" % (trial.declared.name_of_edges, trial.declared.port)
    return [Load(trial, "load", url, CLIENTS, LOAD_SECONDS)]


def begins_older(*roles):
    """Which nodes begin with the older version: hubs, edges."""

    def prepare(trial):
        if not OLDER.is_dir():
            raise RuntimeError("LAB_OLDER names no folder with commands of an older version: use Scripts/upgrade-check.sh")
        for role in roles:
            use(getattr(trial, role), OLDER)
        # An older hub took the first sorted set for a new history. No fleet that is upgraded is without one.
        trial.fleet.redis.first_commands = [("ZADD", "emojitrack_score", "0", "1F602")]

    return prepare


def use(nodes, binaries):
    for node in nodes:
        node.use(binaries)


def expect(trial, hubs, edges):
    """No conclusion without a look at what really runs."""
    for nodes, binaries in ((trial.hubs, hubs), (trial.edges, edges)):
        for node in nodes:
            trial.expect(node.runs(binaries), "%s does not run the command in %s" % (node.name, binaries))


@scenario("Hubs of the older version, edges of this one; all restart", is_extra=True, prepare=begins_older("hubs"), loads=load)
def older_hubs(trial):
    restart_hubs(trial)
    restart_edges(trial)
    expect(trial, OLDER, trial.fleet.binaries)


@scenario("Hubs of this version, edges of the older one; all restart", is_extra=True, prepare=begins_older("edges"), reads_older=True, loads=load)
def older_edges(trial):
    restart_hubs(trial)
    restart_edges(trial)
    expect(trial, trial.fleet.binaries, OLDER)


@scenario("An upgrade, hubs first", is_extra=True, prepare=begins_older("hubs", "edges"), reads_older=True, loads=load)
def upgrade_hubs_first(trial):
    expect(trial, OLDER, OLDER)
    use(trial.hubs, trial.fleet.binaries)
    restart_hubs(trial)
    expect(trial, trial.fleet.binaries, OLDER)
    use(trial.edges, trial.fleet.binaries)
    restart_edges(trial)
    expect(trial, trial.fleet.binaries, trial.fleet.binaries)


@scenario("An upgrade, edges first", is_extra=True, prepare=begins_older("hubs", "edges"), reads_older=True, loads=load)
def upgrade_edges_first(trial):
    use(trial.edges, trial.fleet.binaries)
    restart_edges(trial)
    expect(trial, OLDER, trial.fleet.binaries)
    use(trial.hubs, trial.fleet.binaries)
    restart_hubs(trial)
    expect(trial, trial.fleet.binaries, trial.fleet.binaries)


@scenario(
    "An upgrade that is taken back, edges first: clients return to older edges (resume.check is false)", is_extra=True,
    fleet=WITHOUT_CHECK, reads_older=True, loads=load)
def upgrade_taken_back(trial):
    use(trial.edges, OLDER)
    restart_edges(trial)
    use(trial.hubs, OLDER)
    restart_hubs(trial)
    expect(trial, OLDER, OLDER)
