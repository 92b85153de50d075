"""What a task of Java's is on the wire: a pickle of the function's name and its arguments, which JVM workers read."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from typing import Any

from dask.base import is_dask_collection
from distributed import Future
from distributed.protocol import Serialized, deserialize, serialize
from distributed.utils import ensure_memoryview


class ResultOf:
    """Stands in a pickle for the result of the task of that key. It is only ever read in Java."""

    def __init__(self, key: Any) -> None:
        raise TypeError(f"the arguments of a Java task, among them the result of {key!r}, are for JVM workers to read")


class _Pickler(pickle.Pickler):
    """Puts references in place of futures, wherever they are."""

    def __init__(self, file: io.BytesIO, buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(file, protocol=5, buffer_callback=buffers.append)
        self.futures: dict[Any, Future] = {}

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Future):
            self.futures[obj.key] = obj
            return ResultOf, (obj.key,)
        if is_dask_collection(obj):
            raise TypeError(f"a {type(obj).__name__} of Dask's is no value yet; give client.compute(it) instead")
        if type(obj).__module__ == "pyarrow.lib" and type(obj).__name__ in ("Table", "RecordBatch"):
            header, frames = serialize(obj, serializers=["dask"])
            return deserialize, (header, [pickle.PickleBuffer(frame) for frame in frames])
        return NotImplemented


def serialize_call(name: str, arguments: Iterable[Any]) -> tuple[Serialized, dict[Any, Future]]:
    """Make a call of the function of that name.

    Returns
    -------
    The call, as a task's `run_spec`, and the futures in the arguments by their keys.
    """
    file = io.BytesIO()
    buffers: list[pickle.PickleBuffer] = []
    pickler = _Pickler(file, buffers)
    try:
        pickler.dump((name, tuple(arguments)))
    except (pickle.PicklingError, AttributeError, TypeError) as e:
        raise TypeError(f"an argument of {name} can not be sent to Java: {e}") from e
    frames = [file.getvalue(), *map(ensure_memoryview, buffers)]
    return Serialized({"serializer": "pickle", "java": "named"}, frames), pickler.futures
