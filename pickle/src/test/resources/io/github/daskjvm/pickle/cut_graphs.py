"""Graphs as clients of stock Dask send them, and whether what they were cut into is what Dask makes of them.

cut_graphs.py write FILE                      graphs of stock Dask's collections, of submit and of map
cut_graphs.py random SEED NUMBER FILE         random graphs
cut_graphs.py compare GRAPHS CUT              compares tasks; prints how many graphs were cut, and why others were not

A graph is a pickle of its name, wanted keys and which buffers may be written to, then its own pickle, then the buffers.
What became of it is the reason why it was not cut, empty if it was, a pickle of keys and dependencies, and the tasks.
"""

import collections
import enum
import functools
import operator
import os
import pickle
import random
import sys
import types
import warnings

warnings.simplefilter("ignore")
os.environ["DASK_DATAFRAME__QUERY_PLANNING"] = "False"  # Debian's Dask has the legacy dataframe
sys.path.insert(0, os.path.join(os.getcwd(), "../interop/tests"))

import numpy as np
from dask._task_spec import Alias, DataNode, NestedContainer, Task, TaskRef, _identity_cast, parse_input
from dask.core import flatten
from dask.highlevelgraph import HighLevelGraph, MaterializedLayer
from distributed.client import Future, _MapLayer
from distributed.protocol.pickle import dumps
from distributed.protocol.serialize import ToPickle, deserialize, serialize
from distributed.scheduler import _cull, _materialize_graph

import random_pickles
from random_pickles import Maker, Plain, Point, Seen, put, records


# ---- graphs of stock Dask ----


def sent(client, build):
    """The graphs that a function has a client send."""
    messages = []
    client._send_to_scheduler = lambda message: message["op"] == "update-graph" and messages.append(message)
    build(client)
    return messages


def put_message(file, name, message):
    info = {"name": name, "keys": sorted(message["keys"], key=str), "writeable": list(message["graph_header"]["writeable"])}
    put(file, pickle.dumps(info), *[bytes(frame) for frame in message["graph_frames"]])


def write(path):
    import stock_graphs
    import test_unpacking
    from distributed import Client, LocalCluster

    count = 0
    collections = list(stock_graphs.collections())  # some compute when they are made
    with open(path, "wb") as file:
        with LocalCluster(n_workers=0, processes=False, dashboard_address=":0", protocol="tcp") as cluster:
            with Client(cluster) as client:
                send = client._send_to_scheduler
                builds = list(test_unpacking.GRAPHS.items())
                for name, collection in collections:
                    for optimize in (True, False):
                        builds.append(
                            (f"{name} {optimize}", lambda c, x=collection, o=optimize: c.compute(x, optimize_graph=o))
                        )
                for name, build in builds:
                    for message in sent(client, build):
                        put_message(file, name, message)
                        count += 1
                client._send_to_scheduler = send
    print(count, "graphs")


# ---- random graphs ----


class Text(str):
    pass


class Color(str, enum.Enum):
    RED = "key-1"


class Calls:
    def __init__(self, value):
        self.value = value

    def __call__(self, *args):
        return self.value, args


def function(*args, **kwargs):
    return args, kwargs


class Graphs:
    def __init__(self, rng):
        self.rng = rng
        self.maker = Maker(rng)
        numbers = rng.random() < 0.3
        self.keys = [self.key(i, numbers) for i in range(rng.choice([1, 2, 5, 20]))]

    def key(self, i, numbers):
        kind = self.rng.randrange(5)
        if kind == 0:
            return ("x", i)
        if kind == 1:
            return ("x", (i, "y"))
        return i if numbers and kind == 2 else f"key-{i}"

    def like_a_key(self):
        key = self.rng.choice(self.keys)
        if isinstance(key, str):
            return self.rng.choice([key, key, Text(key), Color.RED, np.str_(key), Point(key, 1), Plain(a=key)])
        if isinstance(key, int):
            return self.rng.choice([key, float(key), bool(key), np.int64(key), str(key)])
        return self.rng.choice([key, key, ("x", float(key[1])) if isinstance(key[1], int) else list(key), ("x", Text("y"))])

    def value(self, before, depth=2):
        """An argument; `before` are keys that may be needed."""
        rng = self.rng
        kind = rng.randrange(12)
        if kind < 3 and before:
            return rng.choice(before)
        if kind == 3:
            return self.like_a_key() if rng.random() < 0.3 else 7
        if depth and kind < 9:
            items = [self.value(before, depth - 1) for _ in range(rng.randrange(4))]
            if all(type(item) in (str, int) for item in items):
                return rng.choice([set, frozenset, list])(items)
            return rng.choice([list, tuple, list, lambda x: {str(i): v for i, v in enumerate(x)}])(items)
        if kind == 9:
            return rng.choice([TaskRef("elsewhere"), Alias("elsewhere"), ("elsewhere", 1), np.arange(3), np.float64(0.5)])
        return self.maker.make(rng.randrange(3))

    def callable(self):
        rng = self.rng
        return rng.choice(
            [function, function, len, operator.add, functools.partial(function, self.maker.make(1)), Calls(1), Plain, [].append]
            + ([self.maker.made[-1].__class__] if self.maker.made else [])
        )

    def node(self, key, before):
        references = lambda value: self.referring(value, before)
        return Task(
            key,
            self.callable(),
            *[parse_input(references(self.value(before))) for _ in range(self.rng.randrange(3))],
            **{name: parse_input(references(self.value(before))) for name in "ab"[: self.rng.randrange(3)]},
        )

    def referring(self, value, before):
        if type(value) is list:
            return [self.referring(item, before) for item in value]
        try:
            return TaskRef(value) if value in before else value
        except Exception:
            return value

    def legacy(self, before, depth=2):
        rng = self.rng
        kind = rng.randrange(6)
        if kind == 0:
            return self.value(before)
        arguments = [
            self.legacy(before, depth - 1) if depth and rng.random() < 0.2 else self.value(before)
            for _ in range(rng.randrange(4))
        ]
        return (self.callable(), *arguments)

    def layer(self, keys, before):
        rng = self.rng
        kind = rng.randrange(4)
        if kind == 0:
            rows = [[self.value(before) for _ in keys] for _ in range(rng.randrange(1, 3))]
            keywords = {name: self.value(before) for name in "ab"[: rng.choice([0, 0, 1, 2])]}
            layer = _MapLayer(self.callable(), rows, key=list(keys), pure=False, **keywords)
            layer.get_ordered_keys()
            return layer
        tasks = {}
        for key in keys:
            node = rng.random() < (0.9 if kind == 1 else 0.1 if kind == 2 else 0.5)
            tasks[key] = self.node(key, before) if node else self.legacy(before)
            if rng.random() < 0.05:
                tasks[key] = rng.choice([Alias(key, "elsewhere"), Alias(key), TaskRef(key), key, DataNode(key, [1])])
            before = before + [key]
        return MaterializedLayer(tasks)

    def graph(self):
        layers, dependencies, before, left = {}, {}, [], list(self.keys)
        while left:
            count = self.rng.randrange(1, len(left) + 1)
            name = f"layer {len(layers)}"
            layers[name] = self.layer(left[:count], before)
            dependencies[name] = set(list(layers)[:-1])
            before, left = before + left[:count], left[count:]
        return HighLevelGraph(layers, dependencies)


def write_random(seed, number, path):
    count = 0
    with open(path, "wb") as file:
        for i in range(number):
            rng = random.Random(seed + i)
            try:
                graphs = Graphs(rng)
                graph = graphs.graph()
                header, frames = serialize(ToPickle(graph), on_error="raise")
                message = {
                    "graph_header": header,
                    "graph_frames": frames,
                    "keys": rng.sample(graphs.keys, rng.randrange(1, len(graphs.keys) + 1)),
                }
                truth({"keys": message["keys"]}, header, frames)
            except Exception as e:
                if isinstance(e, (NameError, AttributeError)) and "random_pickles" not in str(e):
                    raise
                continue  # Python itself can't
            put_message(file, f"seed {seed + i}", message)
            count += 1
    print(count, "graphs")


# ---- comparing ----


def truth(info, header, frames):
    """The tasks that Dask's own scheduler has of a graph, as workers load them, and what they need."""
    graph = deserialize(header, [bytes(f) for f in frames]).data
    dsk, dependencies, _ = _materialize_graph(graph, {}, False, set(info["keys"]))
    wanted = _cull(dsk, set(info["keys"]))
    return {key: (pickle.loads(dumps(node)), dependencies[key]) for key, node in dsk.items() if key in wanted}


plain_same = random_pickles.same


def same(a, b, seen):
    """As in random_pickles, and functions and classes that travel by value."""
    if isinstance(a, types.FunctionType) and isinstance(b, types.FunctionType) and a is not b:
        if (id(a), id(b)) in seen:
            return True
        seen.add(id(a), id(b), a, b)
        names = set(a.__code__.co_names)
        return (
            a.__code__ == b.__code__
            and traced(a.__defaults__, b.__defaults__, seen)
            and traced(a.__kwdefaults__, b.__kwdefaults__, seen)
            and traced(cells(a), cells(b), seen)
            and traced(used(a, names), used(b, names), seen)
            and traced(a.__dict__, b.__dict__, seen)
        )
    if isinstance(a, Future) and isinstance(b, Future):  # each has a number of its own
        return a.key == b.key
    if isinstance(a, NestedContainer) and type(a) is type(b):
        for node in a, b:
            node.__dict__.pop("klass", None)  # its class has it; once loaded from a pickle, so has it itself
    if isinstance(a, (set, frozenset)) and type(a) is type(b) and a != b:  # of objects that equal themselves alone
        return matching(a, b)
    if of_set(a) and of_set(b):  # made of a set, in whatever order it had its items
        return a.key == b.key and a.dependencies == b.dependencies and matching(a.args, b.args)
    if type(a) is type(b) is object:
        return (id(a), id(b)) in seen or not list(seen.by(id(a), id(b))) and not seen.add(id(a), id(b), a, b)
    if isinstance(a, (types.MethodType, types.BuiltinMethodType)) and type(a) is type(b) and a is not b:
        return a.__name__ == b.__name__ and traced(a.__self__, b.__self__, seen)
    if type(a) is type(b) and type(a).__module__.split(".")[0] in ("pandas", "xarray") and hasattr(a, "equals"):
        return a.equals(b)
    if isinstance(a, type) or isinstance(a, types.ModuleType):
        return a is b or a.__name__ == b.__name__
    if type(a).__module__.startswith("numpy.random"):
        return pickle.dumps(a) == pickle.dumps(b)
    return plain_same(a, b, seen)


def of_set(node):
    return isinstance(node, Task) and node.func is _identity_cast and issubclass(node.kwargs["typ"], (set, frozenset))


def matching(a, b):
    return len(a) == len(b) and all(any(random_pickles.same(x, y, Untold()) for y in b) for x in a)


def cells(f):
    return [cell.cell_contents for cell in f.__closure__ or ()]


def used(f, names):
    return {name: f.__globals__[name] for name in sorted(names) if name in f.__globals__}


def traced(a, b, seen):
    holds = same(a, b, seen)
    if not holds and not seen.told:
        seen.told = True
        print(f"there {a!r} of {type(a)} is not {b!r} of {type(b)}, shared {list(seen.by(id(a), id(b)))}"[:2000])
    return holds


class Untold(Seen):
    told = True


Seen.told = False
random_pickles.same = traced


def compare(graphs, cut):
    reasons, cut_graphs, tasks = collections.Counter(), collections.Counter(), 0
    for record, (reason, index, *pickles) in zip(records(graphs), records(cut), strict=True):
        info = pickle.loads(record[0])
        if reason:
            reasons[reason.decode()] += 1
            continue
        header = {"serializer": "pickle", "writeable": tuple(info["writeable"])}
        try:
            expected = truth(info, header, record[1:])
        except Exception as e:
            reasons[f"(cut, but Python itself fails with {e!r})"] += 1
            continue
        cut_graphs[info["name"].split()[0]] += 1
        found = {key: (node, set(needs)) for (key, needs), node in zip(pickle.loads(index), pickles, strict=True)}
        check(list(found) == list(expected), info, f"keys {list(found)} and not {list(expected)}")
        for key, (node, needs) in expected.items():
            pickled, found_needs = found[key]
            check(found_needs == set(needs), info, f"{key!r} needs {found_needs} and not {needs}")
            loaded = pickle.loads(pickled)
            check(traced(loaded, node, Seen()), info, f"{key!r} is {loaded!r} and not {node!r}")
            tasks += 1
    print(sum(cut_graphs.values()), "cut", tasks, "tasks", sum(reasons.values()), "refused")
    for reason, number in reasons.most_common():
        print(f"  {number} {reason}")
    print("  cut:", ", ".join(f"{number} {name}" for name, number in cut_graphs.most_common(30)))


def check(holds, info, text):
    if not holds:
        print(f"the graph of {info['name']!r} differs: {text}"[:4000])
        sys.exit(1)


if __name__ == "__main__":
    sys.setrecursionlimit(5000)
    sys.modules["cut_graphs"] = sys.modules["__main__"]
    for thing in list(globals().values()):
        if getattr(thing, "__module__", None) == "__main__" and not isinstance(thing, enum.EnumType):
            thing.__module__ = "cut_graphs"
    Color.__module__ = "cut_graphs"
    if sys.argv[1] == "write":
        write(sys.argv[2])
    elif sys.argv[1] == "random":
        write_random(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        compare(*sys.argv[2:])
