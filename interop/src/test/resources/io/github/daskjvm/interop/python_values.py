"""Values that cross between Python and Java: python_values.py SCHEDULER submit|read

Leaves results of Python tasks for Java to read, or says what Java's look like here.
"""

import collections
import datetime
import decimal
import fractions
import sys
import uuid
import zoneinfo

import numpy as np
import pandas as pd
from distributed import Client, Future, wait

utc = datetime.timezone.utc
day = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)


def values():
    shared = ["once"]
    return {
        "none": None,
        "bools": [True, False],
        "ints": [0, -1, 255, 2**31, -(2**63), 2**63, -(2**200)],
        "floats": [0.5, -0.0, float("inf")],
        "texts": ["", "süß €😀"],
        "bytes": b"\x00\xff",
        "bytearray": bytearray(b"ab"),
        "tuple": (1, ("a", None)),
        "dict": {"a": {1: 2.5}, ("x", 1): "tuple", b"k": "bytes"},
        "set": {1, 2},
        "frozenset": frozenset("ab"),
        "shared": [shared, shared],
        "ordered": collections.OrderedDict(b=1, a=2),
        "default": collections.defaultdict(list, {"a": [1]}),
        "counter": collections.Counter("aab"),
        "deque": collections.deque([1, 2]),
        "datetime": day,
        "utc": day.replace(tzinfo=utc),
        "offset": day.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))),
        "zone": datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        "date": day.date(),
        "time": day.time(),
        "delta": datetime.timedelta(days=-1, microseconds=5),
        "decimal": decimal.Decimal("1.230"),
        "uuid": uuid.UUID("12345678-9abc-def0-1234-56789abcdef0"),
        "scalars": [np.float64(1.5), np.int32(7), np.uint8(200), np.bool_(True), np.uint64(2**63)],
    }


def arrays():
    grid = np.arange(6, dtype="i4").reshape(2, 3)
    return {
        "doubles": np.array([1.5, -0.0, np.nan]),
        "longs": np.arange(3),
        "bools": np.array([True, False]),
        "big-endian": np.array([1, 2], dtype=">i2"),
        "grid": grid,
        "fortran": np.asfortranarray(grid),
        "transposed": grid.T,
        "strided": grid[:, ::2],
        "broadcast": np.broadcast_to(np.float32(3), (2, 2)),
        "unsigned": np.array([255, 1], dtype="u1"),
        "single": np.array(4.0),
        "empty": np.zeros((0, 3)),
        "objects": np.array([None, "a", 2], dtype=object),
    }


def large():
    return np.arange(2_000_000, dtype="f8")


def array():
    return np.arange(3, dtype="f4")


def several():
    return [np.arange(2.0), np.arange(3)]


def show(value):
    if isinstance(value, np.ndarray):
        return f"array({value.dtype.str}, {value.shape}, {value.tolist()}, writeable={value.flags.writeable})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(show, value)) + "]"
    return repr(value)


def total(value):
    return float(value["doubles"].sum()) + sum(value["list"])


def submit(client):
    named = {f.__name__: client.submit(f, key=f"python-{f.__name__}") for f in (values, arrays, large, array, several)}
    named["period"] = client.submit(pd.Period, "2024", key="python-period")
    named["fraction"] = client.submit(fractions.Fraction, 1, 2, key="python-fraction")
    wait(list(named.values()))
    client.publish_dataset(**named)  # so that they stay


def done(client, key):
    return Future(key, client, state="memory")


def read(client):
    java = done(client, "java-values")
    for name, value in java.result().items():
        print(name, "=", show(value))
    shared = java.result()["shared"]
    print("shared is one =", shared[0] is shared[1])
    print("a Python task's total =", client.submit(total, java).result())
    try:
        done(client, "java-other").result()
    except TypeError as e:
        print("another =", e)
    try:
        client.submit(str, done(client, "java-other")).result()
    except TypeError as e:
        print("a task of another =", e)
    print("there and back =", client.submit(np.sum, done(client, "java-of-python")).result())


if __name__ == "__main__":
    with Client(sys.argv[1]) as client:
        {"submit": submit, "read": read}[sys.argv[2]](client)
