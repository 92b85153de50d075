"""The part of the module in materialize.py that pickles the tasks of a graph, one by one."""

import io
import pickle
import struct
import types

import cloudpickle

_PICKLE_PROTOCOL = 5


def dumps_by_dask(value):
    from distributed.protocol.pickle import dumps

    return dumps(value, protocol=_PICKLE_PROTOCOL)


class NodePickler:
    """Pickles the nodes of one graph to what Dask would have them unpickle to, cheaper.

    Dask tries `pickle`, and takes `cloudpickle` where that fails or names `__main__`. A function of `__main__` then
    travels by value in every task that calls it, and pickling it again for each is what costs most. Here its
    pickle is made once and stands, as bytes, before that of each task that refers to it.
    """

    def __init__(self):
        self._shared = {}
        self._by_value = {}

    def dumps(self, node):
        function = getattr(node, "func", None)
        shared = self._shared.get(id(function))
        if shared is not None:
            data = shared.dumps(node)
            if data is not None:
                return data
        try:
            data = pickle.dumps(node, _PICKLE_PROTOCOL)
            if b"__main__" not in data:
                return data
        except Exception:
            pass
        return self._dumps_by_value(function, node)

    def _dumps_by_value(self, function, node):
        buffer = io.BytesIO()
        pickler = _Observer(buffer, protocol=_PICKLE_PROTOCOL)
        try:
            pickler.dump(node)
        except Exception:
            return dumps_by_dask(node)
        values = [value for value in pickler.seen if self._is_by_value(value)]
        if not values:
            return dumps_by_dask(node)
        shared = self._shared.get(id(function))
        if shared is None:
            shared = self._shared[id(function)] = _Shared(function, (type(node),))
        try:
            shared.observe(values, node)
        except Exception:
            del self._shared[id(function)]
        return buffer.getvalue()

    def _is_by_value(self, value):
        """Whether Dask would let `cloudpickle` pickle anything that refers to it."""
        entry = self._by_value.get(id(value))
        if entry is None:
            try:
                answer = b"__main__" in pickle.dumps(value, _PICKLE_PROTOCOL)
            except Exception:
                answer = True
            entry = self._by_value[id(value)] = (answer, value)
        return entry[0]


class _Observer(cloudpickle.Pickler):
    """Remembers the functions and classes that it met."""

    def __init__(self, file, protocol):
        super().__init__(file, protocol=protocol)
        self.seen = []

    def reducer_override(self, value):
        if isinstance(value, (type, types.FunctionType)) and value.__module__ != "builtins":
            self.seen.append(value)
        return super().reducer_override(value)


class _Shared:
    """Functions and classes that travel by value in the tasks that call one function.

    What two tasks needed is pickled once and thrown away by the unpickler, which leaves it in the memo; the
    pickle of a task goes on from there and refers to it. So the two together say exactly what one pickle of the
    task would, what is shared between function and arguments included.
    """

    _SEEN_MAX = 1000
    _MISSES_MAX = 10

    def __init__(self, function, classes):
        self._classes = classes
        self._function = function  # keeps its id from being given to another
        self._seen = {}
        self._values = []
        self._misses = 0

    def observe(self, values, node):
        """`node` needed these; those that a task before it needed too are shared from now on."""
        if len(self._seen) > self._SEEN_MAX or self._misses > self._MISSES_MAX:
            return
        again = [value for value in values if id(value) in self._seen]
        self._seen.update((id(value), value) for value in values)
        known = {id(value) for value in self._values}
        fresh = [value for value in again if id(value) not in known]
        if fresh:
            self._prepare(self._values + fresh)
            tail = self._tail(node)
            # What only the shared functions themselves refer to is among their own pickles.
            self._prepare([value for value, mark in zip(self._values, self._marks) if mark in tail])

    def _prepare(self, values):
        self._values = values
        buffer = io.BytesIO()
        self._template = cloudpickle.Pickler(buffer, protocol=_PICKLE_PROTOCOL)
        self._template.dump((*values, *self._classes))
        self._head = buffer.getvalue()[:-1] + pickle.POP
        numbers = self._template.memo.copy()
        self._marks = [self._mark(numbers[id(value)][0]) for value in values]
        self._buffer = io.BytesIO()
        self._pickler = cloudpickle.Pickler(self._buffer, protocol=_PICKLE_PROTOCOL)
        self._plain = pickle.Pickler(self._buffer, protocol=_PICKLE_PROTOCOL)

    @staticmethod
    def _mark(number):
        """How a pickle refers to what it remembers under a number."""
        return pickle.BINGET + bytes((number,)) if number < 256 else pickle.LONG_BINGET + struct.pack("<I", number)

    def _tail(self, node):
        """What is not shared is mostly plain; `cloudpickle` takes five times as long to find that out, object by object."""
        if not cloudpickle.list_registry_pickle_by_value():
            self._empty()
            self._plain.memo = self._template.memo
            try:
                self._plain.dump(node)
            except Exception:
                pass
            else:
                tail = self._buffer.getvalue()
                if b"__main__" not in tail:
                    return tail
        self._empty()
        self._pickler.memo = self._template.memo
        self._pickler.globals_ref = dict(self._template.globals_ref)
        self._pickler.dump(node)
        return self._buffer.getvalue()

    def _empty(self):
        self._buffer.seek(0)
        self._buffer.truncate()

    def dumps(self, node):
        """None where the task does not need all that is shared, or cannot be pickled."""
        if not self._values or self._misses > self._MISSES_MAX:
            return None
        try:
            tail = self._tail(node)
        except Exception:
            tail = b""
        for mark in self._marks:
            if mark not in tail:
                self._misses += 1
                return None
        return self._head + tail[2:]
