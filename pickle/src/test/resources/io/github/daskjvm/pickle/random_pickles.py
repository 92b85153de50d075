"""Random objects as pickles, and whether pickles that were written again make the same.

random_pickles.py write SEED NUMBER FILE   writes pairs of a pickle and its buffers
random_pickles.py compare FILE AGAIN       compares what the pickles of the two files make
"""

import collections
import datetime
import decimal
import fractions
import functools
import pickle
import random
import struct
import sys
import types


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("a", "b")


class Reduced:
    """All six parts of a reduction."""

    def __init__(self, name):
        self.name = name
        self.items = []
        self.pairs = {}

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.pairs[key] = value

    def __reduce__(self):
        return Reduced, (self.name,), {"state": self.state}, iter(self.items), iter(self.pairs.items()), set_state


def set_state(target, state):
    target.__dict__.update(state)
    target.set_by = "a setter"
    return "thrown away"


class Keywords:
    def __new__(cls, *, size, of):
        self = super().__new__(cls)
        self.size, self.of = size, of
        return self

    def __getnewargs_ex__(self):
        return (), {"size": self.size, "of": self.of}


class ListChild(list):
    pass


class DictChild(dict):
    pass


class SetChild(set):
    pass


Point = collections.namedtuple("Point", "x y")


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.made = []

    def scalar(self):
        rng = self.rng
        return rng.choice(
            [
                lambda: None,
                lambda: rng.random() < 0.5,
                lambda: rng.randrange(-300, 300),
                lambda: rng.randrange(-(2**33), 2**33),
                lambda: rng.choice([-1, 1]) * rng.getrandbits(rng.choice([62, 63, 64, 65, 200, 3000])),
                lambda: rng.choice([0.0, -0.0, 1e300, float("inf"), -1.5, rng.random()]),
                lambda: "".join(rng.choice("ab é€😀\n\0") for _ in range(rng.choice([0, 1, 5, 300]))),
                lambda: rng.randbytes(rng.choice([0, 1, 17, 255, 256, 70000 if rng.random() < 0.05 else 3])),
            ]
        )()

    def hashable(self, depth):
        rng = self.rng
        kind = rng.randrange(6)
        if depth <= 0 or kind < 3:
            return self.scalar()
        if kind == 3:
            return tuple(self.hashable(depth - 1) for _ in range(rng.randrange(5)))
        if kind == 4:
            return frozenset(self.hashable(depth - 1) for _ in range(rng.randrange(4)))
        return Point(self.hashable(depth - 1), 2)

    def make(self, depth):
        rng = self.rng
        if self.made and rng.random() < 0.15:
            return rng.choice(self.made)  # shared, or a cycle
        if depth <= 0:
            return self.scalar()
        count = rng.choice([0, 1, 2, 3, 4, 7])
        items = lambda: [self.make(depth - 1) for _ in range(count)]

        def keep(value):
            self.made.append(value)
            return value

        def filled(value, fill):
            keep(value)
            fill(value)
            return value

        def reduced():
            value = keep(Reduced("a name"))
            value.state = self.make(depth - 1)
            value.items = items()
            value.pairs = {self.hashable(1): item for item in items()}
            return value

        def slotted():
            value = keep(Slotted())
            value.a = self.make(depth - 1)
            return value

        def recursive_tuple():
            inner = keep([])
            outer = tuple([inner] + items())
            inner.append(outer)
            return keep(outer)

        def array():
            try:
                import numpy
            except ImportError:
                return bytearray(b"no numpy")
            shape = tuple(rng.randrange(4) for _ in range(rng.randrange(3)))
            if rng.random() < 0.3:
                return keep(numpy.array([None, "a", self.make(0)], dtype=object))
            value = numpy.full(shape, 7, rng.choice(["f8", ">i4", "S3", "?", "c8", "M8[s]"]))
            if rng.random() < 0.3:
                value.flags.writeable = False
            return keep(value)

        return rng.choice(
            [
                self.scalar,
                lambda: filled([], lambda v: v.extend(items())),
                lambda: filled({}, lambda v: v.update({self.hashable(2): item for item in items()})),
                lambda: keep(tuple(items())),
                lambda: keep({self.hashable(2) for _ in range(count)}),
                lambda: keep(frozenset(self.hashable(2) for _ in range(count))),
                lambda: filled(Plain(), lambda v: v.__dict__.update(x=self.make(depth - 1), y=items())),
                slotted,
                reduced,
                lambda: keep(Keywords(size=count, of=self.make(depth - 1))),
                lambda: filled(ListChild(), lambda v: v.extend(items())),
                lambda: filled(DictChild(), lambda v: v.update(a=items())),
                lambda: keep(SetChild(self.hashable(1) for _ in range(count))),
                lambda: keep(Point(self.make(depth - 1), self.make(depth - 1))),
                lambda: keep(bytearray(rng.randbytes(count))),
                lambda: rng.choice([len, datetime.datetime.now, Plain, collections.OrderedDict, functools.reduce]),
                lambda: keep(functools.partial(max, self.make(depth - 1), key=len)),
                lambda: keep(collections.OrderedDict((str(i), item) for i, item in enumerate(items()))),
                lambda: keep(collections.defaultdict(list, {"a": self.make(depth - 1)})),
                lambda: keep(collections.deque(items(), maxlen=rng.choice([None, 3]))),
                lambda: datetime.datetime(2020, 1, 1 + count, tzinfo=datetime.timezone.utc),
                lambda: decimal.Decimal(count) / 3,
                lambda: fractions.Fraction(count, 7),
                lambda: complex(count, -0.0),
                lambda: range(count),
                lambda: slice(1, count),
                lambda: keep(types.SimpleNamespace(a=self.make(depth - 1))),
                recursive_tuple,
                array,
            ]
        )()


def same(a, b, seen):
    """Equal in type and parts, and what is one object on one side is one on the other."""
    if a is b and isinstance(a, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if a is None or isinstance(a, (bool, int, str, bytes, complex, range, decimal.Decimal, fractions.Fraction)):
        return a == b
    if (id(a), id(b)) in seen:
        return True
    if any(id(a) == x or id(b) == y for x, y in seen.by(id(a), id(b))) and not (isinstance(a, (tuple, frozenset)) and not a):
        return False
    seen.add(id(a), id(b), a, b)
    if isinstance(a, (set, frozenset)):
        return a == b and parts(a, b, seen)
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(k, l, seen) and same(v, w, seen) for (k, v), (l, w) in zip(a.items(), b.items())
        ) and parts(a, b, seen)
    if isinstance(a, (list, tuple, collections.deque)):
        return len(a) == len(b) and all(same(x, y, seen) for x, y in zip(a, b)) and parts(a, b, seen)
    if isinstance(a, functools.partial):
        return same(a.func, b.func, seen) and same(a.args, b.args, seen) and same(a.keywords, b.keywords, seen)
    if type(a).__name__ == "ndarray":
        return a.dtype == b.dtype and a.shape == b.shape and a.flags.writeable == b.flags.writeable and (
            same(a.tolist(), b.tolist(), seen) if a.dtype == object else a.tobytes() == b.tobytes()
        )
    if isinstance(a, types.MethodType) or isinstance(a, types.BuiltinMethodType):
        return a == b
    if hasattr(a, "__dict__") or hasattr(a, "__slots__"):
        return parts(a, b, seen)
    return a == b


def parts(a, b, seen):
    slots = [s for c in type(a).__mro__ for s in (getattr(c, "__slots__", ()) or ()) if s not in ("__dict__", "__weakref__")]
    if isinstance(a, tuple):
        slots = []
    for slot in slots:
        if hasattr(a, slot) != hasattr(b, slot):
            return False
        if hasattr(a, slot) and not same(getattr(a, slot), getattr(b, slot), seen):
            return False
    return same(a.__dict__, b.__dict__, seen) if hasattr(a, "__dict__") else True


class Seen:
    def __init__(self):
        self.left, self.right, self.alive = {}, {}, []

    def __contains__(self, pair):
        return self.left.get(pair[0]) == pair[1] and self.right.get(pair[1]) == pair[0]

    def by(self, left, right):
        if left in self.left:
            yield left, self.left[left]
        if right in self.right:
            yield self.right[right], right

    def add(self, left, right, a, b):
        self.left[left], self.right[right] = right, left
        self.alive.append((a, b))


def put(file, *blobs):
    file.write(struct.pack("<I", len(blobs)))
    for blob in blobs:
        file.write(struct.pack("<I", len(blob)) + blob)


def records(path):
    with open(path, "rb") as file:
        while head := file.read(4):
            blobs = []
            for _ in range(struct.unpack("<I", head)[0]):
                blobs.append(file.read(struct.unpack("<I", file.read(4))[0]))
            yield blobs


def write(seed, number, path):
    sys.modules["random_pickles"] = sys.modules["__main__"]
    for thing in list(globals().values()):
        if getattr(thing, "__module__", None) == "__main__":
            thing.__module__ = "random_pickles"
    with open(path, "wb") as file:
        for i in range(number):
            rng = random.Random(seed + i)
            value = Maker(rng).make(rng.randrange(6))
            protocol = rng.choice([3, 4, 5])
            buffers = []
            dumper = pickle._dumps if rng.random() < 0.2 else pickle.dumps  # Python's and C's write differently
            callback = {"buffer_callback": buffers.append} if protocol == 5 and rng.random() < 0.7 else {}
            try:
                record = [dumper(value, protocol=protocol, **callback), *[bytes(b.raw()) for b in buffers]]
                load(record)
            except (RecursionError, AssertionError, TypeError):
                continue  # Python can't: an object among the arguments of its own call, say
            put(file, *record)


def load(record):
    return pickle.loads(record[0], buffers=[bytearray(b) for b in record[1:]])


def compare(path, again):
    sys.modules["random_pickles"] = sys.modules["__main__"]
    count = 0
    for i, (old, new) in enumerate(zip(records(path), records(again), strict=True)):
        a, b = load(old), load(new)
        if not same(a, b, Seen()):
            print(f"number {i} differs: {a!r} and {b!r}")
            sys.exit(1)
        count += 1
    print(count, "are the same")


if __name__ == "__main__":
    sys.setrecursionlimit(5000)
    if sys.argv[1] == "write":
        write(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        compare(*sys.argv[2:])
