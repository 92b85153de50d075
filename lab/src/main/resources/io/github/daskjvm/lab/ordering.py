"""Graphs with Dask's own order of their tasks, for another program that answers with an order of its own.

    python3 ordering.py TASKS REPEATS

For each graph it prints five lines: its name; CPU seconds that dask.order took, each of REPEATS times; the priority of
each task; where each task's dependencies start, with the end after the last; the dependencies. It then reads one line:
the other order's priorities. The graphs are those of Dask's own tests of its order, and some of collections with about so
many tasks each. Dask's tests run twice, judging Dask's order and then the other. The last line says how many
passed each time, and which passed only with Dask's.
"""

import os
import sys
import time

import dask
import dask.array as da
import dask.bag as db
import dask.order
import pandas as pd
from dask._task_spec import DependenciesMapping
from dask.base import collections_to_dsk

dask.config.set({"dataframe.query-planning": False, "dataframe.shuffle.method": "tasks"})

DASK_ORDER = dask.order.order
out = os.fdopen(os.dup(1), "w")
answers = os.fdopen(os.dup(0))  # pytest takes both away
os.dup2(2, 1)


class Graphs:
    """Sends graphs out, each once, and takes orders in."""

    def __init__(self, repeats):
        self.repeats = repeats
        self.seen = set()

    def ask(self, name, dsk):
        """The other order of a graph, by key."""
        tasks = {key: i for i, key in enumerate(dsk)}
        starts, edges = [0], []
        for needed in DependenciesMapping(dict(dsk)).values():
            edges += sorted(tasks[key] for key in needed if key in tasks)
            starts.append(len(edges))
        graph = (tuple(starts), tuple(edges))
        if not name or (name, graph) in self.seen:
            name, seconds, theirs = "", [], range(len(tasks))
        else:
            self.seen.add((name, graph))
            seconds = []
            for _ in range(self.repeats):
                start = time.thread_time()
                by_key = DASK_ORDER(dsk)
                seconds.append(time.thread_time() - start)
            theirs = [by_key[key] for key in tasks]
            name = name if name in COLLECTIONS else f"{name} {sum(seen == name for seen, _ in self.seen)}"
        for some in ([name], seconds, theirs, starts, edges):
            print(*some, file=out)
        out.flush()
        return dict(zip(tasks, map(int, answers.readline().split())))


def upstream(graphs):
    """Dask's own tests, with either order."""
    import pytest

    class Outcomes:
        def __init__(self):
            self.passed = set()

        def pytest_runtest_logreport(self, report):
            if report.when == "call" and report.passed:
                self.passed.add(report.nodeid.split("::")[-1])

    import dask.tests.test_order as tests

    def theirs(dsk, dependencies=None, *, return_stats=False):
        result = DASK_ORDER(dsk, dependencies, return_stats=return_stats)  # refuses what is no graph
        test = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]
        graphs.ask(test.split("[")[0].removeprefix("test_"), dsk)
        return result

    def ours(dsk, dependencies=None, *, return_stats=False):
        DASK_ORDER(dsk)  # a cycle is another test's subject
        result = graphs.ask("", dsk)
        return {k: dask.order.Order(p, 1) for k, p in result.items()} if return_stats else result

    passed = []
    for order in (theirs, ours):
        dask.order.order = tests.order = order
        outcomes = Outcomes()
        pytest.main(["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--import-mode=importlib", "--tb=line",
                     "--pyargs", "dask.tests.test_order"], plugins=[outcomes])
        passed.append(outcomes.passed)
    dask.order.order = DASK_ORDER
    return passed


def add(*numbers):
    return sum(numbers)


def of_map(n):
    return {("map", i): (add, i) for i in range(n)}


def of_tree(n):
    level = [dask.delayed(add)(i) for i in range(n // 2)]
    while len(level) > 1:
        level = [dask.delayed(add)(*level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def of_sum(n):
    side = max(2, int((n / 1.35) ** 0.5))
    return (da.ones((side * 4, side * 4), chunks=(4, 4)) + 1).sum()


def of_merge(n):
    return dask.delayed(add)([dask.delayed(add)(i) for i in range(n)])


def frames(count):
    import dask.dataframe as dd

    part = pd.DataFrame({"k": [1, 2, 3], "v": [1.0, 2.0, 3.0]})
    return dd.from_map(lambda i: part, range(count), meta=part)


def of_groupby(n):
    return frames(n // 3).groupby("k").v.agg(["mean", "std"], split_every=8)


def of_shuffle(n):
    return frames(max(4, n // 150)).shuffle("k", shuffle_method="tasks", max_branch=32)


def of_bag(n):
    words = db.from_sequence(["a b c", "d e"] * (n // 3), npartitions=n // 3).map(str.split).flatten()
    return words.frequencies(split_every=8).topk(10, key=1)


def of_climatology(n):
    import numpy as np
    import xarray as xr

    days = max(24, n // 24)
    values = da.random.default_rng(1).random((days, 8, 8), chunks=(1, 4, 8))
    array = xr.DataArray(values, dims=["time", "x", "y"], coords={"month": ("time", np.arange(days) % 12)})
    groups = array.groupby("month")
    return (groups - groups.mean("time")).mean("time")


COLLECTIONS = {
    "map": of_map,
    "tree": of_tree,
    "sum": of_sum,
    "merge": of_merge,
    "groupby": of_groupby,
    "shuffle": of_shuffle,
    "bag": of_bag,
    "climatology": of_climatology,
}


def main():
    tasks, repeats = map(int, sys.argv[1:])
    graphs = Graphs(repeats)
    for name, make in COLLECTIONS.items():
        made = make(tasks)
        dsk = made if isinstance(made, dict) else collections_to_dsk([made], optimize_graph=True)
        graphs.ask(name, dict(dsk))
    theirs, ours = upstream(graphs)
    print(len(theirs), len(theirs & ours), *sorted(theirs - ours), file=out, flush=True)


if __name__ == "__main__":
    main()
