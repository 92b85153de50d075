"""Configuration passed to the external process."""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Mapping

import dask
import distributed.utils_test  # noqa: F401  it and all of distributed add their defaults

from external_scheduler.outcome import NotRemotable

PRISTINE_CONFIG = copy.deepcopy(dask.config.config)


# What upstream's config_for_cluster_tests() sets, as far as it concerns the scheduler
BASE_CONFIG = {
    "distributed.admin.tick.interval": "500 ms",
    "distributed.admin.log-length": None,
    "distributed.admin.low-level-log-length": None,
    "distributed.scheduler.validate": True,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.comm.timeouts.connect": "5s",
}

# Settings which do not concern the scheduler
NOT_FOR_SCHEDULER = (
    "distributed.worker.",
    "distributed.nanny.",
    "distributed.client.",
    "distributed.deploy.",
    "distributed.version",
    "array.",
    "dataframe.",
    "optimization.",
    "tokenize.",
    "local-directory",
    "temporary-directory",
    "scheduler",
    "shuffle",
    "annotations",
)
BUT_FOR_SCHEDULER = (
    "distributed.worker.memory.rebalance.",
    "distributed.worker.memory.recent-to-old-time",
)
DICT_VALUED = ("distributed.scheduler.default-task-durations",)


def _flatten(config, prefix=""):
    for k, v in config.items():
        key = prefix + str(k).replace("_", "-")
        if isinstance(v, Mapping) and key not in DICT_VALUED and v:
            yield from _flatten(v, key + ".")
        else:
            yield key, v


def scheduler_config():
    """Settings of dask.config that differ from the defaults and from BASE_CONFIG."""
    before = dict(_flatten(PRISTINE_CONFIG))
    out = {}
    for key, value in _flatten(dask.config.config):
        if key in before and before[key] == value:
            continue
        if key in BASE_CONFIG and BASE_CONFIG[key] == value:
            continue
        if key.startswith(NOT_FOR_SCHEDULER) and not key.startswith(BUT_FOR_SCHEDULER):
            continue
        out[key] = value
    return out


def _env_value(key, value):
    if value == math.inf:
        return "inf"
    if isinstance(value, str):
        try:
            ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return value
        return repr(value)
    try:
        if ast.literal_eval(repr(value)) == value:
            return repr(value)
    except (SyntaxError, ValueError):
        pass
    raise NotRemotable(f"configuration {key} cannot be passed through the environment")


def config_to_env(config):
    return {
        "DASK_" + k.upper().replace("-", "_").replace(".", "__"): _env_value(k, v)
        for k, v in config.items()
    }
