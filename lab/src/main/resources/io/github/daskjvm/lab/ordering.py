"""Graphs with Dask's own order of their tasks, for another program that answers with an order of its own.

    python3 ordering.py TASKS REPEATS

For each graph it prints five lines: its name; CPU seconds that dask.order took, each of REPEATS times; the priority of
each task; where each task's dependencies start, with the end after the last; the dependencies. It then reads one line:
the other order's priorities. The graphs are those of Dask's own tests of its order, and some of collections with about so
many tasks each, of graphs.py, which is put before this. Dask's tests run twice, judging Dask's order and then the other.
The last line says how many passed each time, and which passed only with Dask's.
"""

import os
import sys
import time

import dask
import dask.order
from dask._task_spec import DependenciesMapping

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


def main():
    tasks, repeats = map(int, sys.argv[1:])
    graphs = Graphs(repeats)
    for name, make in COLLECTIONS.items():
        made = make(tasks)
        graphs.ask(name, low_level(made))
    theirs, ours = upstream(graphs)
    print(len(theirs), len(theirs & ours), *sorted(theirs - ours), file=out, flush=True)


if __name__ == "__main__":
    main()
