"""A fault that is planted in a program, to see whether the checker finds it.

LAB_FAULT is one of Sources/PlantedFaults, for the programs in LAB_FAULT_NODES (edge-1, if it is not set). Only debug builds have
it: `Scripts/lab.sh --faults` builds them and plants one after the other. The scenario is good if the checker objects.
"""

import os

from declared import scenario

NODES = os.environ.get("LAB_FAULT_NODES", "edge-1").split(",")
ENVIRONMENT = {"EMOJITRACK_PLANTED_FAULT": os.environ.get("LAB_FAULT", "")}


@scenario(
    "A planted fault (LAB_FAULT, LAB_FAULT_NODES), which the checker must find within a minute", is_extra=True, must_fail=True,
    fleet={"environments": {node: ENVIRONMENT for node in NODES}, "edge_options": ["--drain-window", "3s"]})
def planted_fault(trial):
    trial.edges[1].kill()
    trial.steady(6)
    trial.edges[1].restart()
    trial.hubs[1].kill()
    trial.steady(4)
    trial.hubs[1].restart()
    trial.hubs[0].post("/admin/edges/edge-1/shed", percent=50, window=3)
    trial.steady(8)
    trial.edges[2].program.terminate()
    trial.steady(12)
