"""What a task of Java's is on the wire: a pickle of the function's name and its arguments, which JVM workers read."""

import io
import pickle

from dask.base import is_dask_collection
from distributed import Future
from distributed.protocol import Serialized
from distributed.utils import ensure_memoryview


class ResultOf:
    """Stands in a pickle for the result of the task of that key. It is only ever read in Java."""

    def __init__(self, key):
        raise TypeError(f"the arguments of a Java task, among them the result of {key!r}, are for JVM workers to read")


class _Pickler(pickle.Pickler):
    """Puts references in place of futures, wherever they are."""

    def __init__(self, file, buffers):
        super().__init__(file, protocol=5, buffer_callback=buffers.append)
        self.futures = {}

    def reducer_override(self, obj):
        if isinstance(obj, Future):
            self.futures[obj.key] = obj
            return ResultOf, (obj.key,)
        if is_dask_collection(obj):
            raise TypeError(f"a {type(obj).__name__} of Dask's is no value yet; give client.compute(it) instead")
        return NotImplemented


def serialize_call(name, arguments):
    """Make a call of the function of that name.

    Returns
    -------
    The call, as a task's `run_spec`, and the futures in the arguments by their keys.
    """
    file, buffers = io.BytesIO(), []
    pickler = _Pickler(file, buffers)
    try:
        pickler.dump((name, tuple(arguments)))
    except (pickle.PicklingError, AttributeError, TypeError) as e:
        raise TypeError(f"an argument of {name} can not be sent to Java: {e}") from e
    frames = [file.getvalue(), *map(ensure_memoryview, buffers)]
    return Serialized({"serializer": "pickle", "java": "named"}, frames), pickler.futures
