"""What test_unpacking.py needs: real graphs of real clients, and the table that materialize.py makes of them."""

import asyncio
import gc
import pickle
import struct
import types
from array import array
from pathlib import Path

import msgpack
from distributed import Client, LocalCluster
from distributed.protocol.core import dumps

_SOURCES = Path(__file__).parents[2] / "scheduler/src/main/resources/io/github/daskjvm/scheduler/graph"


def load_module():
    """The module that the scheduler installs on workers."""
    module = types.ModuleType("dask_jvm_graph_test")
    for name in ("node_pickler.py", "threads.py", "materialize.py"):
        exec(compile((_SOURCES / name).read_text(), name, "exec"), module.__dict__)
    return module


def request_of(message, page_bytes):
    """What the scheduler asks a worker for when this update-graph came, and the order that the client gave."""
    frames = dumps([message])
    body = msgpack.unpackb(frames[0], use_list=False, strict_map_key=False)[0]
    at = body["annotations"]["__Pickled__"]
    header = msgpack.unpackb(frames[at], strict_map_key=False)
    request = {
        "form": "graph",
        "header": msgpack.packb(body["graph_header"]),
        "frames": [bytes(frame) for frame in body["graph_frames"]],
        "keys": msgpack.packb(body["keys"]["as-list"]),
        "order": not body["internal_priority"],
        "annotations": bytes(frames[at]),
        "annotations_pickled": True,
        "annotations_frames": [bytes(frame) for frame in frames[at + 1 : at + 1 + header["num-sub-frames"]]],
        "page_bytes": page_bytes,
    }
    return request, body["internal_priority"]


def _ints(data):
    numbers = array("i")
    numbers.frombytes(data)
    return numbers


async def _pages(module, request):
    pages = [await module.materialize(request)]
    while True:
        (size,) = struct.unpack_from("<I", pages[-1])
        meta = msgpack.unpackb(pages[-1][4 : 4 + size], use_list=False, strict_map_key=False)
        yield meta, pages[-1][4 + size :]
        if "token" not in meta:
            return
        pages.append(await module.more(meta["token"]))


def unpack(module, request, given=None):
    """The tasks in the table, by key, and how many pages it had."""

    async def collect():
        return [page async for page in _pages(module, request)]

    pages = asyncio.run(collect())
    first = pages[0][0]
    names = [key for meta, _ in pages for key in meta["keys"]]
    assert len(names) == first["total"]
    names.extend(first["external"])
    tasks = {}
    for meta, blob in pages:
        position = at = 0
        counts, lengths, dependencies = (_ints(meta[name]) for name in ("counts", "lengths", "dependencies"))
        order = _ints(meta["order"]) if "order" in meta else [given[key] for key in meta["keys"]]
        options = _ints(meta["options"]) if "options" in meta else [-1] * len(counts)
        for i, key in enumerate(meta["keys"]):
            tasks[key] = {
                "node": pickle.loads(blob[position : position + lengths[i]]),
                "dependencies": {names[d] for d in dependencies[at : at + counts[i]]},
                "order": order[i],
                "options": first["annotations"][options[i]] if options[i] >= 0 else {},
            }
            position += lengths[i]
            at += counts[i]
        assert position == len(blob)
    return tasks, len(pages)


class Recorder:
    """A client and Python's scheduler without workers; what the client submits is kept for us as well."""

    def __init__(self):
        self._cluster = LocalCluster(n_workers=0, processes=False, dashboard_address=":0", protocol="tcp")
        self.client = Client(self._cluster)
        self.messages = []
        send = self.client._send_to_scheduler

        def recording(message):
            if message["op"] == "update-graph":
                self.messages.append(message)
            send(message)

        self.client._send_to_scheduler = recording

    def close(self):
        self.client.close()
        self._cluster.close()

    def submit(self, build):
        """What the scheduler's tasks are, once it knows all that `build` submitted, and what was submitted."""
        self.messages.clear()
        kept = build(self.client)
        wanted = set(self.client.futures)
        truth = self._tasks()
        while not (wanted <= set(truth) and all(truth[key]["order"] is not None for key in wanted)):
            self._wait()
            truth = self._tasks()
        del kept
        return truth, list(self.messages)

    def forget(self):
        self.messages.clear()
        gc.collect()
        while self._tasks():
            self._wait()

    def _wait(self):
        self.client.sync(asyncio.sleep, 0.01)

    def _tasks(self):
        async def snapshot():
            return {key: self._describe(ts) for key, ts in self._cluster.scheduler.tasks.items()}

        return self.client.sync(snapshot)

    @staticmethod
    def _describe(ts):
        return {
            "node": ts.run_spec,
            "dependencies": {dependency.key for dependency in ts.dependencies},
            "order": ts.priority and ts.priority[-1],
            "priority": ts.priority and -ts.priority[0],
            "retries": ts.retries,
            "workers": set(ts.worker_restrictions or ()) | set(ts.host_restrictions or ()),
            "loose": bool(ts.loose_restrictions),
            "resources": dict(ts.resource_restrictions or {}),
            "annotations": {name: value for name, value in (ts.annotations or {}).items() if name != "span"},
        }
