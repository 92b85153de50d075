"""Compares materialize.py with Python's own scheduler, graph by graph: run it inside stock Dask.

    python3 check_materialize.py PATH/TO/materialize.py

Each graph is built by a real client and goes to a real scheduler without workers; what that scheduler makes of
it, task by task, is what our table must say.
"""

import asyncio
import gc
import importlib.util
import pickle
import struct
import sys
import traceback
from array import array

import dask
import dask.array as da
import dask.bag as db
import distributed
import msgpack
from dask import delayed
from dask.base import tokenize
from distributed import Client, LocalCluster
from distributed.protocol.core import dumps

dask.config.set({"dataframe.query-planning": False, "distributed.scheduler.validate": False})
spec = importlib.util.spec_from_file_location("dask_jvm_graph_test", sys.argv[1])
ours = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ours)
PAGE_BYTES = int(sys.argv[2]) if len(sys.argv) > 2 else 64 << 20


# `order` breaks ties by the order of the dictionary, which Dask leaves to the hashes of the keys and we to the graph.
scheduler_module = importlib.import_module("distributed.scheduler")
scheduler_module._cull = lambda dsk, keys: ours._reachable(dsk, set(keys))


def inc(x):
    return x + 1


def add(x, y=0):
    return x + y


def request_of(message):
    """What the JVM makes of the frames of this update-graph."""
    frames = dumps([message])
    body = msgpack.unpackb(frames[0], use_list=False, strict_map_key=False)[0]
    annotations = body["annotations"]["__Pickled__"]
    header = msgpack.unpackb(frames[annotations], strict_map_key=False)
    return {
        "form": "graph",
        "header": msgpack.packb(body["graph_header"]),
        "frames": [bytes(f) for f in body["graph_frames"]],
        "keys": msgpack.packb(body["keys"]["as-list"]),
        "order": not body["internal_priority"],
        "annotations": bytes(frames[annotations]),
        "annotations_pickled": True,
        "annotations_frames": [
            bytes(f) for f in frames[annotations + 1 : annotations + 1 + header["num-sub-frames"]]
        ],
        "page_bytes": PAGE_BYTES,
    }, body["internal_priority"]


def ints(data):
    numbers = array("i")
    numbers.frombytes(data)
    return numbers


def read(request, given):
    async def pages():
        result = [await ours.materialize(request)]
        while True:
            (size,) = struct.unpack_from("<I", result[-1])
            meta = msgpack.unpackb(result[-1][4 : 4 + size], use_list=False, strict_map_key=False)
            yield meta, result[-1][4 + size :]
            if "token" not in meta:
                return
            result = [await ours.more(meta["token"])]

    async def collect():
        return [page async for page in pages()]

    all_pages = asyncio.run(collect())
    first = all_pages[0][0]
    names, tasks = [], {}
    for meta, _ in all_pages:
        names.extend(meta["keys"])
    assert len(names) == first["total"]
    names.extend(first["external"])
    for meta, blob in all_pages:
        position = at = 0
        counts, lengths, dependencies = ints(meta["counts"]), ints(meta["lengths"]), ints(meta["dependencies"])
        order = ints(meta["order"]) if "order" in meta else [given[k] for k in meta["keys"]]
        options = ints(meta["options"]) if "options" in meta else [-1] * len(counts)
        for i, key in enumerate(meta["keys"]):
            tasks[key] = {
                "node": pickle.loads(blob[position : position + lengths[i]]),
                "dependencies": {names[d] for d in dependencies[at : at + counts[i]]},
                "order": order[i],
                "options": first["annotations"][options[i]] if options[i] >= 0 else {},
                "bytes": lengths[i],
            }
            position += lengths[i]
            at += counts[i]
        assert position == len(blob)
    return tasks, len(all_pages)


class Recorder:
    """A client and a scheduler without workers; gives each update-graph both to the scheduler and to us."""

    def __init__(self):
        self.cluster = LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp")
        self.client = Client(self.cluster)
        self.messages = []
        send = self.client._send_to_scheduler

        def recording(message):
            if message["op"] == "update-graph":
                self.messages.append(request_of(message))
            send(message)

        self.client._send_to_scheduler = recording

    def tasks_with(self, wanted):
        """The scheduler's tasks once it knows what the client wants."""
        while True:
            truth = self.tasks()
            if wanted <= set(truth) and all(truth[key]["order"] is not None for key in wanted):
                return truth
            self.client.sync(asyncio.sleep, 0.02)

    def tasks(self):
        async def snapshot(dask_scheduler):
            return {key: self.truth(ts) for key, ts in dask_scheduler.tasks.items()}

        return self.client.sync(snapshot, self.cluster.scheduler)

    @staticmethod
    def truth(ts):
        return {
            "node": ts.run_spec,
            "dependencies": {d.key for d in ts.dependencies},
            "order": ts.priority and ts.priority[-1],
            "priority": ts.priority and -ts.priority[0],
            "retries": ts.retries,
            "workers": set(ts.worker_restrictions or ()) | set(ts.host_restrictions or ()),
            "loose": bool(ts.loose_restrictions),
            "resources": dict(ts.resource_restrictions or {}),
            "annotations": {k: v for k, v in (ts.annotations or {}).items() if k != "span"},
        }

    def check(self, name, build):
        self.messages.clear()
        kept = build(self.client)
        if not self.messages:
            raise AssertionError(f"{name}: the client sent no graph")
        truth = self.tasks_with(set(self.client.futures))
        seen, size, pages = set(), 0, 0
        for request, given in self.messages:
            tasks, n = read(request, given)
            pages += n
            seen.update(tasks)
            for key, task in tasks.items():
                self.compare(name, key, task, truth[key])
                size += task["bytes"]
        expected = {key for key, task in truth.items() if task["node"] is not None}
        assert seen == expected, f"{name}: ours without Python's {seen - expected}, the other way {expected - seen}"
        print(f"ok {name}: {len(seen)} tasks, {size} bytes, {pages} pages", flush=True)
        del kept
        gc.collect()
        while self.tasks():
            self.client.sync(asyncio.sleep, 0.02)

    @staticmethod
    def compare(name, key, task, truth):
        def same(what, a, b):
            assert a == b, f"{name}: {what} of {key!r}: ours {a!r}, Python's {b!r}"

        options = task["options"]
        same("dependencies", task["dependencies"], truth["dependencies"])
        same("order", task["order"], truth["order"])
        same("type of node", type(task["node"]), type(truth["node"]))
        same("key of node", task["node"].key, truth["node"].key)
        same("dependencies of node", set(task["node"].dependencies), set(truth["node"].dependencies))
        same("token of node", tokenize(task["node"]), tokenize(truth["node"]))
        same("priority", options.get("priority", 0), truth["priority"])
        same("retries", options.get("retries", 0), truth["retries"])
        same("workers", set(options.get("workers", ())), truth["workers"])
        same("allow_other_workers", options.get("allow_other_workers", False), truth["loose"])
        same("resources", options.get("resources", {}), truth["resources"])
        pickled = pickle.loads(options["pickle"]) if options else {}
        pickled.pop("span", None)
        same("annotations", pickled, truth["annotations"])


def annotated_array():
    with dask.annotate(priority=5, retries=2):
        x = da.ones((40, 40), chunks=(10, 10))
    with dask.annotate(workers=["alice"], allow_other_workers=True):
        y = x + 1
    with dask.annotate(priority=lambda key: len(key), foo="bar"):
        z = y.sum()
    return z


def dataframe():
    import pandas as pd
    import dask.dataframe as dd

    frame = pd.DataFrame({"a": range(200), "b": [i % 7 for i in range(200)]})
    df = dd.from_pandas(frame, npartitions=8)
    return df.groupby("b").a.sum(), df.merge(df, on="b").a_x.count(), df.set_index("b", divisions=[0, 2, 4, 6]).a.max()


def xarray_graph():
    import numpy as np
    import xarray as xr

    data = xr.DataArray(np.arange(400.0).reshape(20, 20), dims=("x", "y")).chunk({"x": 5})
    return (data - data.mean("x")).std("y").data


def tree(n):
    level = [delayed(inc)(i) for i in range(n)]
    while len(level) > 1:
        level = [delayed(add)(*pair) for pair in zip(level[::2], level[1::2])]
    return level[0]


def futures_in_graph(c):
    f = c.submit(inc, 1)
    g = c.submit(add, f, 5)
    h = c.compute(delayed(sum)([f, g, delayed(inc)(f)]))
    return f, g, h


def persisted(c):
    x = c.persist(da.ones((20, 20), chunks=5))
    return x, c.compute((x + x.T).sum())


GRAPHS = {
    "submit": lambda c: c.submit(inc, 1),
    "submit importable": lambda c: c.submit(divmod, 7, 2),
    "submit lambda": lambda c: c.submit(lambda x: x, 3),
    "submit with everything": lambda c: c.submit(
        inc, 1, priority=3, retries=4, workers=["alice", "tcp://127.0.0.1:1"], allow_other_workers=True, resources={"GPU": 2}
    ),
    "submit to one worker": lambda c: c.submit(inc, 1, workers="localhost"),
    "map": lambda c: c.map(inc, range(300)),
    "map importable": lambda c: c.map(divmod, range(300), range(1, 301)),
    "map impure": lambda c: c.map(inc, range(20), pure=False),
    "map with kwargs": lambda c: c.map(add, range(20), y=7, priority=-1.5),
    "map in batches": lambda c: c.map(inc, range(50), batch_size=20),
    "futures as arguments": futures_in_graph,
    "delayed": lambda c: c.compute(delayed(add)(delayed(inc)(1), y=delayed(inc)(2))),
    "delayed tree": lambda c: c.compute(tree(256)),
    "delayed data": lambda c: c.compute(delayed(sum)([1, {"a": delayed(inc)(1)}["a"], 3])),
    "several at once": lambda c: c.compute([delayed(inc)(1), delayed(inc)(2), da.ones(5, chunks=2).sum()]),
    "bag": lambda c: c.compute(db.range(100, npartitions=10).map(inc).filter(lambda x: x % 2).fold(add)),
    "bag groupby": lambda c: c.compute(db.range(100, npartitions=5).groupby(lambda x: x % 3, shuffle="tasks")),
    "array": lambda c: c.compute((da.ones((60, 60), chunks=10) + 1).sum()),
    "array transpose": lambda c: c.persist((lambda x: x + x.T)(da.random.random((60, 60), chunks=10))),
    "array matmul": lambda c: c.compute((lambda x: x @ x)(da.ones((60, 60), chunks=20))),
    "array rechunk": lambda c: c.compute(da.ones((60, 60), chunks=10).rechunk((60, 5), method="tasks")),
    "array of data": lambda c: c.compute(da.from_array(__import__("numpy").arange(10000), chunks=1000).mean()),
    "array map_blocks": lambda c: c.compute(da.ones(50, chunks=5).map_blocks(lambda b: b * 2)),
    "persisted": persisted,
    "annotated array": lambda c: c.compute(annotated_array(), optimize_graph=False),
    "annotated optimised": lambda c: c.compute(annotated_array()),
    "dataframe": lambda c: c.compute(dataframe()),
    "xarray": lambda c: c.compute(xarray_graph()),
    "get tuples": lambda c: c.get({"x": 1, ("y", 0): (inc, "x"), ("y", 1): (add, ("y", 0), "x")}, [("y", 1)], sync=False),
    "get with culling": lambda c: c.get({"x": (inc, 1), "unused": (inc, "x"), "y": (inc, "x")}, "y", sync=False),
    "resources by annotation": lambda c: _annotated(c, resources={"GPU": 1}),
    "retries by callable": lambda c: _annotated(c, retries=lambda key: len(str(key)) % 3),
}


def _annotated(c, **annotations):
    with dask.annotate(**annotations):
        return c.compute(delayed(inc)(delayed(inc)(1)), optimize_graph=False)


def main():
    print("dask", dask.__version__, "distributed", distributed.__version__)
    recorder = Recorder()
    failed = 0
    for name, build in GRAPHS.items():
        try:
            recorder.check(name, build)
        except Exception:
            failed += 1
            print("FAILED", name, flush=True)
            traceback.print_exc()
    print(f"{len(GRAPHS) - failed} of {len(GRAPHS)} graphs as Python's scheduler has them")
    recorder.client.close()
    recorder.cluster.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
