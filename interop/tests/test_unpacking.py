"""What materialize.py makes of a graph is what Python's scheduler makes of it, task by task.

Each graph is built by a real client and goes to a real scheduler that has no workers. These tests need none of ours:
they are about the Python that our scheduler brings to workers.
"""

import asyncio
import importlib
import pickle
import sys
import threading
import types

import dask
import dask.array as da
import dask.bag as db
import msgpack
import pytest
from dask import delayed
from dask.base import tokenize
from dask._task_spec import Alias, DataNode, Task
from distributed.protocol.pickle import dumps as dumps_by_dask
from distributed.protocol.serialize import serialize

from unpacking import Recorder, load_module, request_of, unpack

# Functions and classes of a program's main module travel by value.
MAIN = {"__name__": "__main__"}
exec(
    """
SENTINEL = object()

def inc(x):
    return x + 1

def add(x, y=0):
    return x + y

def calls_another(x):
    return inc(x) * 2

def is_sentinel(x):
    return x is SENTINEL

class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x

def move(point, by=1):
    return Point(point.x + by)

def closure_over(shared):
    return lambda x, y: x is shared
""",
    MAIN,
)
inc, add, calls_another = MAIN["inc"], MAIN["add"], MAIN["calls_another"]


def _tree(n):
    level = [delayed(inc)(i) for i in range(n)]
    while len(level) > 1:
        level = [delayed(add)(*pair) for pair in zip(level[::2], level[1::2])]
    return level[0]


def _futures_in_graph(c):
    f = c.submit(inc, 1)
    g = c.submit(add, f, 5)
    return f, g, c.compute(delayed(sum)([f, g, delayed(inc)(f)]))


def _persisted(c):
    x = c.persist(da.ones((20, 20), chunks=5))
    return x, c.compute((x + x.T).sum())


def _annotated_array():
    with dask.annotate(priority=5, retries=2):
        x = da.ones((40, 40), chunks=(10, 10))
    with dask.annotate(workers=["alice"], allow_other_workers=True):
        y = x + 1
    with dask.annotate(priority=lambda key: len(key), foo="bar"):
        return y.sum()


def _annotated(c, **annotations):
    with dask.annotate(**annotations):
        return c.compute(delayed(inc)(delayed(inc)(1)), optimize_graph=False)


def _dataframe(c):
    import dask.dataframe as dd
    import pandas as pd

    df = dd.from_pandas(pd.DataFrame({"a": range(200), "b": [i % 7 for i in range(200)]}), npartitions=8)
    by_division = df.set_index("b", divisions=[0, 2, 4, 6])
    return c.compute((df.groupby("b").a.sum(), df.merge(df, on="b").a_x.count(), by_division.a.max()))


def _xarray(c):
    import numpy as np
    import xarray as xr

    data = xr.DataArray(np.arange(400.0).reshape(20, 20), dims=("x", "y")).chunk({"x": 5})
    return c.compute((data - data.mean("x")).std("y").data)


def _xarray_groups(c):
    import numpy as np
    import xarray as xr

    month = ("time", np.arange(24) % 12)
    data = xr.DataArray(da.ones((24, 8), chunks=(1, 4)), dims=("time", "x"), coords={"month": month}).groupby("month")
    return c.compute((data - data.mean("time")).mean("time"))


def _numpy_key(c):
    import numpy as np

    return c.get({("x", np.int64(3)): (inc, 1), "y": (inc, ("x", np.int64(3)))}, "y", sync=False)


GRAPHS = {
    "submit": lambda c: c.submit(inc, 1),
    "submit importable": lambda c: c.submit(divmod, 7, 2),
    "submit lambda": lambda c: c.submit(lambda x: x, 3),
    "submit with all options": lambda c: c.submit(
        inc,
        1,
        priority=3,
        retries=4,
        workers=["alice", "tcp://127.0.0.1:1"],
        allow_other_workers=True,
        resources={"GPU": 2},
    ),
    "submit to one worker": lambda c: c.submit(inc, 1, workers="localhost"),
    "map": lambda c: c.map(inc, range(300)),
    "map importable": lambda c: c.map(divmod, range(300), range(1, 301)),
    "map impure": lambda c: c.map(inc, range(20), pure=False),
    "map with kwargs": lambda c: c.map(add, range(20), y=7, priority=-1.5),
    "map of functions that call others": lambda c: c.map(calls_another, range(20)),
    "map in batches": lambda c: c.map(inc, range(50), batch_size=20),
    "map of objects known by identity": lambda c: c.map(
        MAIN["is_sentinel"], [MAIN["SENTINEL"] if i % 3 else i for i in range(20)], pure=False
    ),
    "map of objects of classes of __main__": lambda c: c.map(
        MAIN["move"], [MAIN["Point"](i) for i in range(20)], by=2
    ),
    "map of objects shared with a closure": lambda c: (
        lambda shared: c.map(MAIN["closure_over"](shared), [shared, [1]] * 5, range(10))
    )([1]),
    "different functions": lambda c: c.compute(
        [delayed(f)(delayed(g)(i)) for i, f in enumerate([inc, add, calls_another, abs] * 8) for g in (inc, abs)]
    ),
    "different lambdas": lambda c: c.compute([delayed(lambda x, i=i: x + i)(1) for i in range(20)]),
    "futures as arguments": _futures_in_graph,
    "delayed": lambda c: c.compute(delayed(add)(delayed(inc)(1), y=delayed(inc)(2))),
    "delayed tree": lambda c: c.compute(_tree(256)),
    "delayed inside lists": lambda c: c.compute(delayed(sum)([1, {"a": delayed(inc)(1)}["a"], 3])),
    "several at once": lambda c: c.compute([delayed(inc)(1), delayed(inc)(2), da.ones(5, chunks=2).sum()]),
    "bag": lambda c: c.compute(db.range(100, npartitions=10).map(inc).filter(lambda x: x % 2).fold(add)),
    "bag groupby": lambda c: c.compute(db.range(100, npartitions=5).groupby(lambda x: x % 3, shuffle="tasks")),
    "array": lambda c: c.compute((da.ones((60, 60), chunks=10) + 1).sum()),
    "array transpose": lambda c: c.persist((lambda x: x + x.T)(da.random.random((60, 60), chunks=10))),
    "array matmul": lambda c: c.compute((lambda x: x @ x)(da.ones((60, 60), chunks=20))),
    "array rechunk": lambda c: c.compute(da.ones((60, 60), chunks=10).rechunk((60, 5), method="tasks")),
    "array of data": lambda c: c.compute(da.from_array(__import__("numpy").arange(10000), chunks=1000).mean()),
    "array map_blocks": lambda c: c.compute(da.ones(50, chunks=5).map_blocks(lambda b: b * 2)),
    "persisted": _persisted,
    "annotated array": lambda c: c.compute(_annotated_array(), optimize_graph=False),
    "annotated, optimised": lambda c: c.compute(_annotated_array()),
    "annotated resources": lambda c: _annotated(c, resources={"GPU": 1}),
    "annotated by a callable": lambda c: _annotated(c, retries=lambda key: len(str(key)) % 3),
    "dataframe": _dataframe,
    "xarray": _xarray,
    "xarray's groups": _xarray_groups,
    "keys that are tuples": lambda c: c.get(
        {"x": 1, ("y", 0): (inc, "x"), ("y", 1): (add, ("y", 0), "x")}, [("y", 1)], sync=False
    ),
    "keys with numbers of NumPy": _numpy_key,
    "culled": lambda c: c.get({"x": (inc, 1), "unused": (inc, "x"), "y": (inc, "x")}, "y", sync=False),
}


@pytest.fixture(scope="module")
def ours():
    return load_module()


@pytest.fixture(scope="module")
def recorder(ours):
    # `order` breaks ties by the order of the dictionary, which Dask leaves to the hashes of the keys and we to the
    # graph; so that both are given the same.
    scheduler = importlib.import_module("distributed.scheduler")
    cull, scheduler._cull = scheduler._cull, lambda dsk, keys: ours._reachable(dsk, set(keys))
    r = Recorder()
    yield r
    r.close()
    scheduler._cull = cull


@pytest.mark.parametrize("page_bytes", [64 << 20, 4000], ids=["one page", "many pages"])
@pytest.mark.parametrize("name", GRAPHS)
def test_tasks_are_what_pythons_scheduler_makes_of_the_graph(recorder, ours, name, page_bytes):
    truth, messages = recorder.submit(GRAPHS[name])
    seen = set()
    for message in messages:
        tasks, _ = unpack(ours, *request_of(message, page_bytes))
        seen.update(tasks)
        for key, task in tasks.items():
            _assert_same(task, truth[key], callable_=name.startswith("map"))
    assert seen == {key for key, task in truth.items() if task["node"] is not None}
    del messages, truth
    recorder.forget()


def _assert_same(task, truth, callable_):
    node, options = task["node"], task["options"]
    assert task["dependencies"] == truth["dependencies"]
    assert task["order"] == truth["order"]
    assert type(node) is type(truth["node"])
    assert node.key == truth["node"].key
    assert set(node.dependencies) == set(truth["node"].dependencies)
    if callable_:
        assert node() == pickle.loads(dumps_by_dask(truth["node"]))()
    else:
        assert tokenize(node) == tokenize(truth["node"])
    assert options.get("priority", 0) == truth["priority"]
    assert options.get("retries", 0) == truth["retries"]
    assert set(options.get("workers", ())) == truth["workers"]
    assert options.get("allow_other_workers", False) == truth["loose"]
    assert options.get("resources", {}) == truth["resources"]
    annotations = pickle.loads(options["pickle"]) if options else {}
    annotations.pop("span", None)
    assert annotations == truth["annotations"]


# ---- graphs with something wrong ----


def _graph_request(dsk, keys, order=True, annotations=None):
    from dask.highlevelgraph import HighLevelGraph
    from distributed.protocol.serialize import ToPickle

    header, frames = serialize(ToPickle(HighLevelGraph.from_collections("layer", dsk)))
    return {
        "form": "graph",
        "header": msgpack.packb(header),
        "frames": [bytes(frame) for frame in frames],
        "keys": msgpack.packb(keys),
        "order": order,
        "annotations": msgpack.packb(annotations or {}),
        "annotations_pickled": False,
        "annotations_frames": [],
        "page_bytes": 1 << 20,
    }


@pytest.mark.parametrize("order", [True, False])
def test_a_cycle_is_an_error_that_names_its_keys(ours, order):
    dsk = {k: Task(k, inc, Alias(d)) for k, d in {"a": "b", "b": "c", "c": "a", "wanted": "a"}.items()}
    with pytest.raises(RuntimeError, match="Cycle detected.*'a'.*'b'.*'c'"):
        unpack(ours, _graph_request(dsk, ["wanted"], order))


def test_a_dependency_outside_the_graph_stays_a_dependency(ours):
    dsk = {"a": Task("a", inc, Alias("lost")), "b": Task("b", inc, Alias("a")), "unused": DataNode("unused", 1)}
    tasks, _ = unpack(ours, _graph_request(dsk, ["b", "not in the graph"]))
    assert {key: task["dependencies"] for key, task in tasks.items()} == {"a": {"lost"}, "b": {"a"}}


def test_a_module_the_worker_lacks_is_named(ours):
    module = types.ModuleType("only_the_client_has_this")
    exec("def function(x): return x", module.__dict__)
    sys.modules[module.__name__] = module
    try:
        request = _graph_request({"a": Task("a", module.function, 1)}, ["a"])
    finally:
        del sys.modules[module.__name__]
    with pytest.raises(RuntimeError, match="deserialization.*only_the_client_has_this") as error:
        unpack(ours, request)
    assert isinstance(error.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize("annotations", [{"retries": "many"}, {"priority": "high"}, {"resources": 3}])
def test_an_annotation_that_makes_no_sense_is_an_error(ours, annotations):
    with pytest.raises(TypeError, match=next(iter(annotations))):
        unpack(ours, _graph_request({"a": DataNode("a", 1)}, ["a"], annotations=annotations))


def test_a_page_that_is_not_kept_any_more_is_an_error(ours):
    with pytest.raises(KeyError, match="not kept"):
        ours._next_page(123456)


def test_of_several_graphs_each_has_its_own_page_or_error(ours):
    good = _graph_request({"a": Task("a", inc, 1)}, ["a"])
    bad = {**good, "frames": [b"no pickle"]}
    answers = msgpack.unpackb(asyncio.run(ours.materialize_each([good, bad, good])))
    assert answers[0]["page"] == answers[2]["page"] == asyncio.run(ours.materialize(good))
    assert isinstance(pickle.loads(answers[1]["exception"]), RuntimeError)
    assert "deserialization" in answers[1]["text"]


def test_threads_end_when_there_is_nothing_to_do_and_start_again(ours):
    good = _graph_request({"a": Task("a", inc, 1)}, ["a"])

    async def many():
        return await asyncio.gather(*[ours.materialize(good) for _ in range(20)])

    for _ in range(2):
        assert len(set(asyncio.run(many()))) == 1
        threads = [thread for thread in threading.enumerate() if thread.name == "dask-jvm-graph"]
        assert len(threads) <= 4
        for thread in threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


# ---- the form of 2026.7, which can't be installed here: expressions with its methods ----


class Expression:
    def __init__(self, graph, annotations):
        self.graph = graph
        self.annotations = annotations

    def __dask_graph__(self):
        return self.graph

    def __dask_annotations__(self):
        return self.annotations


class LLGExpr(Expression):
    pass


@pytest.fixture
def dask_expr(monkeypatch):
    module = types.ModuleType("dask._expr")
    module.LLGExpr = LLGExpr
    monkeypatch.setitem(sys.modules, "dask._expr", module)


def _expression_request(expression, keys, annotations):
    header, frames = serialize(expression)
    return {
        **_graph_request({}, keys),
        "form": "expression",
        "header": msgpack.packb(header),
        "frames": [bytes(frame) for frame in frames],
        "annotations": msgpack.packb({"pickled-obj": pickle.dumps(annotations), "compression": []}),
        "annotations_pickled": True,
    }


@pytest.mark.parametrize("kind", [Expression, LLGExpr])
def test_an_expression_becomes_the_tasks_that_are_wanted(ours, dask_expr, kind):
    dsk = {"a": Task("a", inc, 1), "b": Task("b", inc, Alias("a")), "unused": Task("unused", inc, Alias("a"))}
    tasks, _ = unpack(ours, _expression_request(kind(dsk, {}), ["b"], {}))
    assert {key: task["dependencies"] for key, task in tasks.items()} == {"a": set(), "b": {"a"}}
    assert tasks["a"]["order"] < tasks["b"]["order"]
    assert tasks["b"]["node"]({"a": 2}) == 3


def test_what_an_expression_says_of_a_key_goes_over_what_is_said_of_all(ours, dask_expr):
    dsk = {"a": Task("a", inc, 1), "b": Task("b", inc, Alias("a"))}
    expression = Expression(dsk, {"priority": {"a": 7, "b": None}, "foo": {"b": "bar"}})
    tasks, _ = unpack(ours, _expression_request(expression, ["b"], {"priority": 3, "retries": 2}))
    assert (tasks["a"]["options"]["priority"], tasks["b"]["options"]["priority"]) == (7, 3)
    assert pickle.loads(tasks["b"]["options"]["pickle"]) == {"priority": 3, "retries": 2, "foo": "bar"}


def test_the_probe_says_what_a_compute_task_must_have(ours):
    answer = msgpack.unpackb(ours._dialect())
    assert "duration" in answer["compute-task"]
    assert "run_id" not in answer["long-running"]
