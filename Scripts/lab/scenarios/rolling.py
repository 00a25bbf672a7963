"""The whole fleet restarts, one process after the other, under load."""

import os

from declared import scenario
from load import Load
from rolling_steps import PAUSE_SECONDS, restart_edges, restart_hubs

CLIENTS = int(os.environ.get("LAB_CLIENTS") or 8_000)
FEW = {"raw": 20, "eps": 15, "snapshot": 15}  # On each of two hosts, beside the 8,000.


def load(seconds):
    return lambda trial: [Load(
        trial, "load", "http://%s:%d/subscribe/eps?resume=1" % (trial.declared.name_of_edges, trial.declared.port), CLIENTS, seconds)]


@scenario("Every hub and every edge restarts, one after the other", overdue_maximum=2)
def rolling_restart(trial):
    restart_hubs(trial)
    restart_edges(trial)


@scenario(
    "The same with 8,000 clients: each edge hands its passed socket to a successor beside it", fleet={"holds_sockets": True},
    kinds=FEW, loads=load(120), overdue_maximum=1, refused_maximum=0, further_maximum=0, load_peak_maximum=2)
def rolling_takeover(trial):
    restart_hubs(trial)
    for number, edge in enumerate(trial.edges, 5):
        trial.expect(edge.succeed("edge-%d" % number, trial.steady) == 0, "%s did not end well" % edge.name)
        trial.steady(PAUSE_SECONDS)


@scenario(
    "The same with 8,000 clients behind HAProxy: each edge announces its drain",
    fleet={"balancer": True, "edge_options": ["--drain-announce", "3s"]}, port=8080,
    kinds=FEW, loads=load(140), overdue_maximum=1, refused_maximum=0, load_peak_maximum=2)
def rolling_haproxy(trial):
    restart_hubs(trial)
    restart_edges(trial)


@scenario(
    "The same with 8,000 clients and nothing but the name: each edge drains, then starts again",
    kinds=FEW, loads=load(120), overdue_maximum=1, further_maximum=1, load_peak_maximum=2)
def rolling_names(trial):
    restart_hubs(trial)
    restart_edges(trial)
