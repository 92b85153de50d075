"""The graphs that benchmarks have in common. Not a program: it stands before those that use it, in one file, so that its
functions are, as a user's often are, of `__main__` and travel by value.

Each function `of_…` makes a collection of about n tasks. Those of `map` and `tree` and the inputs of the others sleep for so
many seconds each. What is random has a seed.
"""

import functools
import time

import dask
import dask.array as da
import dask.bag as db
from dask.base import collections_to_dsk

dask.config.set({"dataframe.query-planning": False, "dataframe.shuffle.method": "tasks"})


def noop(x):
    return x


def add(*numbers):
    return sum(numbers)


def total(numbers):
    return sum(numbers)


def slow(function, seconds):
    """The same under the same name, and it sleeps first."""
    if not seconds:
        return function

    @functools.wraps(function)
    def sleeper(*args):
        time.sleep(seconds)
        return function(*args)

    return sleeper


def of_map(n, seconds=0.0):
    return {("map", i): (slow(noop, seconds), i) for i in range(n)}


def of_tree(n, seconds=0.0):
    leaf, node = dask.delayed(slow(noop, seconds)), dask.delayed(slow(add, seconds))
    level = [leaf(i) for i in range(n // 2)]
    while len(level) > 1:
        level = [node(*level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def ones(shape, chunks, seconds):
    array = da.ones(shape, chunks=chunks)
    return array.map_blocks(slow(noop, seconds), dtype=array.dtype) if seconds else array


def of_sum(n, seconds=0.0):
    side = max(2, int((n / 1.35) ** 0.5))
    return (ones((side * 4, side * 4), (4, 4), seconds) + 1).sum()


def of_merge(n, seconds=0.0):
    one = dask.delayed(slow(noop, seconds))
    return dask.delayed(total)([one(i) for i in range(n)])


def part(i):
    import pandas as pd

    return pd.DataFrame({"k": [1, 2, 3], "v": [1.0, 2.0, 3.0]})


def frames(count, seconds):
    import dask.dataframe as dd

    return dd.from_map(slow(part, seconds), range(count), meta=part(0))


def of_groupby(n, seconds=0.0):
    return frames(max(2, int(n / 1.145)), seconds).groupby("k").v.sum(split_every=8)


def of_shuffle(n, seconds=0.0):
    parts = n**0.5 if n < 1000 else (n / 2.4) ** (2 / 3)  # with more than 32 it has two stages
    return frames(max(4, int(parts)), seconds).shuffle("k", shuffle_method="tasks", max_branch=32)


def of_bag(n, seconds=0.0):
    parts = max(2, int(n / 2.15))
    lines = db.from_sequence(["a b c", "d e"] * parts, npartitions=parts)
    return lines.map(slow(str.split, seconds / 2)).flatten().frequencies(split_every=8).topk(2, key=1)


def of_climatology(n, seconds=0.0):
    """Means of the months, and what is left when they are taken away, as in arXiv 2010.11105. Where inputs sleep, they are
    tasks of their own."""
    import numpy as np
    import xarray as xr

    days = max(24, int(n / 11.4))
    values = da.random.default_rng(1).random((days, 8, 8), chunks=(1, 4, 8))
    if seconds:
        values = values.map_blocks(slow(noop, seconds), dtype=values.dtype)
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


def low_level(made):
    """The graph of what one of those functions made, as a client would send it."""
    return dict(made if isinstance(made, dict) else collections_to_dsk([made], optimize_graph=True))


RIGHT = {
    "tree": lambda result, n: result == (n // 2) * (n // 2 - 1) // 2,
    "sum": lambda result, n: result == 2 * (4 * max(2, int((n / 1.35) ** 0.5))) ** 2,
    "merge": lambda result, n: result == n * (n - 1) // 2,
    "groupby": lambda result, n: list(result) == [k * max(2, int(n / 1.145)) for k in (1, 2, 3)],
    "shuffle": lambda result, n: set(result.k.value_counts()) == {len(result) // 3},
    "bag": lambda result, n: [count for _, count in result] == [max(2, int(n / 2.15))] * 2,
    "climatology": lambda result, n: bool((abs(result) < 1e-9).all()),
}


class Work:
    """A graph of about n tasks that is ready to be sent, as often as one likes."""

    def __init__(self, name, n, seconds=0.0):
        self.name, self.n, self.seconds = name, n, seconds
        self.collection = None if name == "map" else COLLECTIONS[name](n, seconds)
        self.keys = [] if name == "map" else list(low_level(self.collection))
        self.tasks = len(self.keys) or n

    def submit(self, client):
        """The futures of its results."""
        if self.collection is not None:
            return [client.compute(self.collection)]
        futures = client.map(slow(noop, self.seconds), range(self.n), pure=False)
        self.keys = [future.key for future in futures]
        return futures

    def check(self, futures):
        """Those of results that can be had: what they are must be right."""
        if self.collection is not None:
            result = futures[0].result()
            assert RIGHT[self.name](result, self.n), f"{self.name} of {self.n} tasks came to {result!r}"
        assert all(future.status == "finished" for future in futures[:: max(1, len(futures) // 100)])

    def settle(self, client):
        """Wait until the scheduler has forgotten it, so that its end belongs to it and not to the next."""
        some = self.keys[:: max(1, len(self.keys) // 50)] + self.keys[-1:]
        deadline = time.time() + 60
        while any(client.sync(client.scheduler.get_task_status, keys=some).values()):
            if time.time() > deadline:
                raise TimeoutError(f"the scheduler still knows tasks of {self.name}, a minute after their release")
            time.sleep(0.02)
