"""Graphs of stock Dask's collections as a client pickles them, in the format of random_pickles.py, and what such
pickles make.

stock_graphs.py write FILE
stock_graphs.py digests FILE     a line for each pickle: a hash of what it makes, pickled again
"""

import hashlib
import os
import pickle
import sys
import warnings

import cloudpickle
warnings.simplefilter("ignore")
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask import delayed
from dask._task_spec import Task
from dask.base import collections_to_dsk
from random_pickles import put, records

FACTOR = 3


def by_value(x, y=2):
    """A function of __main__: it is pickled by value."""
    return x * FACTOR + y


class Model:
    coefficient = 1.5

    def predict(self, x):
        return super().__init__() or self.coefficient * x


def recursive(n):
    return 1 if n < 2 else n * recursive(n - 1)


def closure(a):
    def inner(b):
        return a + b, inner

    return inner


def collections():
    x = da.random.default_rng(0).random((8, 8), chunks=(4, 4))
    yield "mean", (x + x.T).mean(axis=0)
    yield "matmul", x @ x
    yield "from_array", da.from_array(np.arange(64).reshape(8, 8), chunks=2).sum()
    yield "overlap", da.overlap.overlap(x, depth=1, boundary="reflect")
    yield "rechunk", x.rechunk((2, 8))
    yield "blocks", da.map_blocks(lambda block, block_info=None: block + 1, x, dtype="f8")
    yield "svd", da.linalg.svd(da.ones((8, 2), chunks=(4, 2)))[1]
    frame = dd.from_pandas(pd.DataFrame({"a": range(20), "b": list("abcde") * 4, "c": pd.date_range("2020", periods=20)}), npartitions=4)
    yield "groupby", frame.groupby("b").a.mean()
    yield "merge", frame.merge(frame, on="b")
    yield "apply", frame.a.map_partitions(lambda part: part + FACTOR)
    yield "categories", frame.categorize()
    bag = db.from_sequence(["some words", "and more words"] * 5, npartitions=3)
    yield "words", bag.map(str.split).flatten().frequencies()
    yield "folded", bag.map(len).fold(lambda a, b: a + b)
    yield "delayed", delayed(by_value)(delayed(by_value)(1), y=delayed(max)(2, 3))
    yield "model", delayed(Model().predict)(delayed(recursive)(5))
    yield "closure", delayed(closure(1))(delayed(dict)(a=np.ones(3), b={1, 2}, c=frozenset("ab"), d=slice(1, None)))


def pickled(value):
    buffers = []
    data = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    return [data, *[bytes(b.raw()) for b in buffers]]


def write(path):
    names = []
    with open(path, "wb") as file:
        for name, collection in collections():
            for optimize in (False, True):
                graph = collections_to_dsk([collection], optimize)
                names.append(name)
                put(file, *pickled(graph))
                for node in dict(graph).values():
                    names.append(f"a task of {name}")
                    put(file, *pickled(node))
    print(len(names), "pickles")


def digests(path):
    for record in records(path):
        value = pickle.loads(record[0], buffers=[bytearray(x) for x in record[1:]])
        ran = repr(value()) if isinstance(value, Task) and not value.dependencies else ""
        print(hashlib.sha256(b"".join(pickled(value)) + ran.encode()).hexdigest())


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # else sets come in another order in each process
        os.execve(sys.executable, [sys.executable, "-B", *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        digests(sys.argv[2])
