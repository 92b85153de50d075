"""Runs on a Python worker: turns a pickled graph into a table of tasks that needs no Python to be read.

The scheduler of dask-jvm installs this module, node_pickler.py and threads.py before it, through the worker's `run` and calls its
coroutine functions `materialize`, `materialize_each`, `more` and `probe`. Each answers bytes. Dask's own code does what it
does in Python's scheduler: unpickling, materialising, annotations, culling, ordering. The work is done in threads,
away from the worker's event loop, but for the import of collections.
"""

import collections
import importlib
import itertools
import operator
import pickle
import struct
import sys
import threading
import time
from array import array

import msgpack

_STASHED_MAX = 64
_STASHED_MAX_SECONDS = 600
_COLLECTIONS = ("dask.array", "dask.dataframe", "dask_expr")
_LOOKED_THROUGH_MAX_BYTES = 1 << 20  # of a frame


async def materialize(request):
    """The first page of the table of the graph in `request`."""
    _import_collections([request])
    return await _in_thread(_first_page, request)


async def materialize_each(requests):
    """For each of several small graphs its first page, or the error of that graph alone."""
    _import_collections(requests)
    return await _in_thread(_first_page_of_each, requests)


async def more(token):
    """The next page of a table whose last page said that there is one."""
    return await _in_thread(_next_page, token)


async def probe():
    """Which fields this worker wants in messages, and which operations its stream takes."""
    return await _in_thread(_dialect)


def _dialect():
    import dask
    import distributed
    from distributed import worker_state_machine as machine

    try:
        import dask.order  # so that the first graph does not pay for it
        from distributed.protocol.serialize import merge_and_deserialize  # noqa: F401
    except ImportError:
        pass
    long_running = getattr(machine, "LongRunningMsg", None)
    ops = set()
    for worker in list(distributed.Worker._instances):
        ops.update(worker.stream_handlers)
    return msgpack.packb(
        {
            "compute-task": list(machine.ComputeTaskEvent.__dataclass_fields__),
            "long-running": list(getattr(long_running, "__dataclass_fields__", ())),
            "stream-ops": sorted(ops),
            "dask": dask.__version__,
            "distributed": distributed.__version__,
            "python": list(sys.version_info[:3]),
        }
    )


# ---- pages ----

_stashed = collections.OrderedDict()
_stashed_lock = threading.Lock()
_tokens = itertools.count(1)


def _first_page(request):
    return _page_of(_pages(request))


def _first_page_of_each(requests):
    from distributed.core import error_message

    answers = []
    for request in requests:
        try:
            answers.append({"page": _first_page(request)})
        except Exception as e:
            error = error_message(e)
            traceback = error["traceback"]
            answers.append(
                {
                    "exception": error["exception"].data,
                    "traceback": None if traceback is None else traceback.data,
                    "text": error["exception_text"],
                }
            )
    return msgpack.packb(answers)


def _next_page(token):
    with _stashed_lock:
        entry = _stashed.pop(token, None)
    if entry is None:
        raise KeyError(f"the rest {token!r} of a graph is not kept here any more")
    return _page_of(entry[1])


def _page_of(pages):
    """The next page as bytes; what follows it is kept under a token that the page names."""
    meta, blob, last = next(pages)
    now = time.monotonic()
    with _stashed_lock:
        while _stashed and (
            len(_stashed) >= _STASHED_MAX or now - next(iter(_stashed.values()))[0] > _STASHED_MAX_SECONDS
        ):
            _stashed.popitem(last=False)
        if not last:
            meta["token"] = token = next(_tokens)
            _stashed[token] = (now, pages)
    packed = msgpack.packb(meta, default=_plain_number)
    return b"".join((struct.pack("<I", len(packed)), packed, *blob))


def _plain_number(value):
    """Numbers of NumPy stand in keys now and then; they equal and hash as the plain ones do."""
    try:
        return operator.index(value)
    except TypeError:
        pass
    if hasattr(value, "__float__"):
        return float(value)
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be part of a task key")


def _pages(request):
    graph = _load_graph(request)
    keys = set(msgpack.unpackb(request["keys"], use_list=False, strict_map_key=False))
    annotations = _load_annotations(request)
    if request["form"] == "graph":
        dsk, annotations_of = _from_high_level_graph(graph, annotations, keys)
    else:
        dsk, annotations_of = _from_expression(graph, annotations, keys)
    del graph
    order = _order(dsk) if request["order"] else _check_acyclic(dsk)
    if request["form"] == "expression":
        dsk = _reachable(dsk, keys)  # not before: Dask orders all that the expression has
    yield from _table(dsk, order, annotations_of, request["page_bytes"])


def _table(dsk, order, annotations_of, page_bytes):
    index = {key: i for i, key in enumerate(dsk)}
    total = len(index)
    external = []
    counts, dependencies = array("i"), array("i")
    for node in dsk.values():
        needed = node.dependencies
        counts.append(len(needed))
        for key in needed:
            i = index.get(key)
            if i is None:
                i = index[key] = len(index)
                external.append(key)
            dependencies.append(i)
    entries, options = _options(dsk, annotations_of)
    nodes = iter(dsk.items())
    dumps = NodePickler().dumps
    start = start_dependency = 0
    meta = {"total": total, "external": external, "annotations": entries}
    while True:
        keys, blob, lengths, size = [], [], array("i"), 0
        for key, node in nodes:
            data = dumps(node)
            keys.append(key)
            blob.append(data)
            lengths.append(len(data))
            size += len(data)
            if size >= page_bytes:
                break
        stop = start + len(keys)
        stop_dependency = start_dependency + sum(counts[start:stop])
        meta["keys"] = keys
        meta["lengths"] = _little_endian(lengths)
        meta["counts"] = _little_endian(counts[start:stop])
        meta["dependencies"] = _little_endian(dependencies[start_dependency:stop_dependency])
        if order is not None:
            meta["order"] = _little_endian(array("i", [order[key] for key in keys]))
        if options is not None:
            meta["options"] = _little_endian(options[start:stop])
        yield meta, blob, stop >= total
        start, start_dependency, meta = stop, stop_dependency, {}


def _little_endian(numbers):
    if sys.byteorder == "big":
        numbers = array("i", numbers)
        numbers.byteswap()
    return numbers.tobytes()


# ---- what came ----


def _import_collections(requests):
    """Imports what graphs of collections need, in the worker's own thread, as loading one of their tasks there would.
    The modules of a collection import one another: where two threads import them at once, both can fail. A name that
    is hidden in a compressed frame, or far behind in a large one, is not found, and its module imported by the thread."""
    for name in _COLLECTIONS:
        if name not in sys.modules and any(_names(name, frame) for request in requests for frame in request["frames"]):
            try:
                importlib.import_module(name)
            except ImportError:
                pass  # to load the graph fails likewise, and says so to the client


def _names(module, frame):
    return module.encode() in bytes(memoryview(frame)[:_LOOKED_THROUGH_MAX_BYTES])


def _load_graph(request):
    from distributed.protocol.compression import decompress
    from distributed.protocol.serialize import merge_and_deserialize

    try:
        header = msgpack.unpackb(request["header"], use_list=False, strict_map_key=False)
        frames = request["frames"]
        if "compression" in header:
            frames = decompress(header, frames)
        graph = merge_and_deserialize(header, frames)
        return graph.data if request["form"] == "graph" else graph
    except Exception as e:
        raise RuntimeError(
            f"Error during deserialization of the task graph ({type(e).__name__}: {e}). The worker that unpacks a "
            "client's graphs needs the modules, in the versions, that the client used to make them."
        ) from e


def _load_annotations(request):
    header = request["annotations"]
    if header is None:
        return {}
    header = msgpack.unpackb(header, use_list=False, strict_map_key=False)
    if not request["annotations_pickled"]:
        return header
    from distributed.protocol.compression import decompress

    frames = request["annotations_frames"]
    if header.get("compression"):
        frames = decompress(header, frames)
    return pickle.loads(header["pickled-obj"], buffers=frames) or {}


def _task_spec_module():
    try:
        import dask._task_spec as task_spec
    except ImportError:
        import dask

        raise RuntimeError(
            f"graph format not read here: Dask {dask.__version__} of the worker has no dask._task_spec; "
            "2024.12 or later is needed"
        ) from None
    return task_spec


# ---- materialising, as Python's scheduler does it ----


def _from_high_level_graph(graph, annotations, keys):
    """2024.12: global annotations, then those of each layer over them; None means not annotated."""
    from dask.utils import ensure_dict

    convert = _task_spec_module().convert_legacy_graph
    dsk = ensure_dict(graph)
    layers = [layer for layer in graph.layers.values() if layer.annotations]
    plain = not layers and not any(callable(value) for value in annotations.values())
    if plain:
        shared = {name: value for name, value in annotations.items() if value is not None}
        of_key = (lambda key: shared) if shared else None
    else:
        by_name = {}
        for name, value in annotations.items():
            by_name.setdefault(name, {}).update(_values(value, dsk))
        for layer in layers:
            for name, value in layer.annotations.items():
                by_name.setdefault(name, {}).update(_values(value, layer))
        of_key = _Chosen({}, by_name).of_key
    return _reachable(convert(dsk), keys), of_key


def _values(value, keys):
    return {key: value(key) for key in keys} if callable(value) else dict.fromkeys(keys, value)


def _from_expression(expression, annotations, keys):
    """2026.7: global annotations for all, over them what the expression says of a key unless that is None."""
    dsk = expression.__dask_graph__()
    by_name = {name: dict(values) for name, values in expression.__dask_annotations__().items()}
    dsk = _task_spec_module().convert_legacy_graph(dsk)
    if _is_low_level(expression):
        dsk = _reachable(dsk, keys)
    return dsk, _Chosen(annotations, by_name).of_key if annotations or by_name else None


def _is_low_level(expression):
    try:
        from dask._expr import LLGExpr
    except ImportError:
        return False
    return isinstance(expression, LLGExpr)


class _Chosen:
    """The annotations of each key, from some for all and some by name and key."""

    def __init__(self, everywhere, by_name):
        self._everywhere = everywhere
        self._by_name = by_name

    def of_key(self, key):
        chosen = {
            name: value(key) if callable(value) else value for name, value in self._everywhere.items()
        }
        for name, values in self._by_name.items():
            value = values.get(key)
            if value is not None:
                chosen[name] = value
        return chosen


def _reachable(dsk, keys):
    """What the keys lead to, in the order of the graph."""
    work = [key for key in keys if key in dsk]
    seen = set(work)
    while work:
        for key in dsk[work.pop()].dependencies:
            if key not in seen and key in dsk:
                seen.add(key)
                work.append(key)
    return dsk if len(seen) == len(dsk) else {key: node for key, node in dsk.items() if key in seen}


def _order(dsk):
    from dask.order import order

    try:
        return order(dsk)
    except Exception:
        _check_acyclic(dsk)
        raise


def _check_acyclic(dsk):
    """Raises an error that names the keys of a cycle, if there is one."""
    waiting = {}
    dependents = {}
    for key, node in dsk.items():
        inside = [d for d in node.dependencies if d in dsk]
        if inside:
            waiting[key] = len(inside)
            for dependency in inside:
                dependents.setdefault(dependency, []).append(key)
    if not waiting:
        return
    ready = [key for key in dsk if key not in waiting]
    while ready:
        for dependent in dependents.get(ready.pop(), ()):
            waiting[dependent] -= 1
            if not waiting[dependent]:
                del waiting[dependent]
                ready.append(dependent)
    if not waiting:
        return
    path, key = [], next(iter(waiting))
    while key not in path:
        path.append(key)
        key = next(d for d in dsk[key].dependencies if d in waiting)
    cycle = path[path.index(key) :] + [key]
    shown = [repr(k) for k in (cycle if len(cycle) <= 12 else cycle[:10] + ["…", cycle[-1]])]
    raise RuntimeError("Cycle detected between the following keys: " + " -> ".join(shown))


# ---- annotations ----


def _options(dsk, annotations_of):
    """The distinct sets of annotations, and for each task which of them it has, -1 for none."""
    if annotations_of is None:
        return [], None
    entries, kept, numbers, options = [], [], {}, array("i")
    for key in dsk:
        annotations = annotations_of(key)
        if not annotations:
            options.append(-1)
            continue
        identity = tuple([(name, id(value)) for name, value in annotations.items()])
        number = numbers.get(identity)
        if number is None:
            number = numbers[identity] = len(entries)
            entries.append(_option(key, annotations))
            kept.append(annotations)  # so that no other value gets the same id
        options.append(number)
    return entries, options


def _option(key, annotations):
    """The annotations that the scheduler acts on as plain values, and all of them pickled for the worker."""
    entry = {"pickle": dumps_by_dask(annotations)}
    for name, value in annotations.items():
        if value is None:
            continue
        try:
            if name == "priority":
                entry["priority"] = float(value)
            elif name == "retries":
                entry["retries"] = operator.index(value)
            elif name in ("workers", "restrictions"):
                if isinstance(value, (set, frozenset)):
                    value = sorted(value, key=str)
                elif not isinstance(value, (list, tuple)):
                    value = [value]
                entry["workers"] = [str(worker) for worker in value]
            elif name in ("allow_other_workers", "loose_restrictions"):
                entry["allow_other_workers"] = bool(value)
            elif name == "resources":
                entry["resources"] = {str(resource): float(amount) for resource, amount in value.items()}
            elif name == "span":
                others = {other: annotations[other] for other in annotations if other != "span"}
                entry["span"] = {
                    "name": [str(tag) for tag in value["name"]],
                    "ids": [str(id_) for id_ in value["ids"]],
                    "others": dumps_by_dask(others) if others else None,
                }
        except Exception as e:
            raise TypeError(f"the annotation {name}={value!r} of {key!r} cannot be used: {e}") from e
    return entry
