"""What values of Python's are in Java, and whether they come back as they were: as an argument, which is pickled with the
call, and as another task's result, which goes from worker to worker by Dask's own serializers."""

import array
import datetime
import decimal
import fractions
import uuid
import zoneinfo

import numpy as np
import pandas as pd
import pytest

from dask_jvm import java

FUNCTIONS = "crossing.Functions"
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)
GRID = np.arange(12, dtype="i4").reshape(3, 4)
RECORDS = np.array([(1, 2.5, "ab"), (2, -0.5, "c")], dtype=[("n", "i4"), ("x", "<f8"), ("s", "U2")])


@pytest.fixture(scope="module")
def cluster(both_kinds):
    return both_kinds


def times(text):
    return np.array(["2024-02-29T12:30:15", "NaT"], dtype=text)


SAME = [
    # (value, what it is in Java): it comes back as it was.
    (True, "Boolean"),
    (2**63 - 1, "Long"),
    (2**63, "BigInteger"),
    (-(2**200), "BigInteger"),
    (1.5, "Double"),
    (float("inf"), "Double"),
    (1 - 2j, "Complex"),
    (complex("nan+infj"), "Complex"),
    ("süß €😀", "String"),
    (b"\0\xff", "byte[]"),
    ([1, [2.5, None]], "List of Long"),
    ({"a": {1: 2j}}, "LinkedHashMap"),
    ({1, 2}, "LinkedHashSet"),
    (DAY, "LocalDateTime"),
    (DAY.replace(tzinfo=datetime.timezone.utc), "OffsetDateTime"),
    (DAY.replace(tzinfo=BERLIN), "ZonedDateTime"),
    (DAY.date(), "LocalDate"),
    (DAY.time(), "LocalTime"),
    (datetime.timedelta(days=-1, microseconds=5), "Duration"),
    (decimal.Decimal("1.230"), "BigDecimal"),
    (uuid.UUID(int=2**127 + 5), "UUID"),
    (np.array([True, False]), "boolean[]"),
    (np.array([-1, 2], "i1"), "INT8[2]"),
    (np.array([-1, 2], "i2"), "short[]"),
    (np.array([-1, 2], "i4"), "int[]"),
    (np.array([-1, 2], "i8"), "long[]"),
    (np.array([1, 255], "u1"), "UINT8[2]"),
    (np.array([1, 2**16 - 1], "u2"), "UINT16[2]"),
    (np.array([1, 2**32 - 1], "u4"), "UINT32[2]"),
    (np.array([1, 2**64 - 1], "u8"), "UINT64[2]"),
    (np.array([1.5, np.nan], "f2"), "FLOAT16[2]"),
    (np.array([1.5, np.nan], "f4"), "float[]"),
    (np.array([1.5, np.nan], "f8"), "double[]"),
    (np.array([1 - 2j, np.nan], "c8"), "COMPLEX64[2]"),
    (np.array([1 - 2j, np.nan], "c16"), "COMPLEX128[2]"),
    (GRID * 1j, "COMPLEX128[3, 4]"),
    (GRID, "INT32[3, 4]"),
    (np.asfortranarray(GRID), "INT32[3, 4]"),
    (GRID[::-1, ::2], "INT32[3, 2]"),
    (GRID.T[1:], "INT32[3, 3]"),
    ((GRID * 1j)[:, ::-1], "COMPLEX128[3, 4]"),
    (np.broadcast_to(np.float32(3), (2, 2)), "FLOAT32[2, 2]"),
    (np.array(4.0), "FLOAT64[]"),
    (np.array(4j), "COMPLEX128[]"),
    (np.zeros((0, 3)), "FLOAT64[0, 3]"),
    (np.zeros((2, 0), "c8"), "COMPLEX64[2, 0]"),
    (np.array([], "u1"), "UINT8[0]"),
    (np.arange(3, dtype=">i4"), "int[]"),
    (np.array([1 + 2j], dtype=">c16"), "COMPLEX128[1]"),
]

OTHER = [
    # (value, what it is in Java, what comes back)
    ((1, 2), "List of Long", [1, 2]),
    (bytearray(b"ab"), "byte[]", b"ab"),
    (memoryview(b"ab"), "byte[]", b"ab"),
    (frozenset({1}), "LinkedHashSet", {1}),
    (np.float32(1.5), "Float", 1.5),
    (np.float16(1.5), "Float", 1.5),
    (np.uint64(2**63), "BigInteger", 2**63),
    (np.int8(-1), "Byte", -1),
    (np.bool_(True), "Boolean", True),
    (np.complex64(1 + 2j), "Complex", 1 + 2j),
    (np.complex128(1 + 2j), "Complex", 1 + 2j),
    (np.str_("ü"), "String", "ü"),
    (np.bytes_(b"ab"), "byte[]", b"ab"),
    (np.datetime64("2024-02-29T12:30:15.123456"), "LocalDateTime", DAY),
    (np.datetime64("2024-02-29"), "LocalDate", DAY.date()),
    (np.datetime64("NaT", "s"), "null", None),
    (np.timedelta64(-1500, "ms"), "Duration", datetime.timedelta(seconds=-1.5)),
    (times("M8[ns]"), "List of LocalDateTime", [DAY.replace(microsecond=0), None]),
    (times("M8[us]"), "List of LocalDateTime", [DAY.replace(microsecond=0), None]),
    (times(">M8[s]"), "List of LocalDateTime", [DAY.replace(microsecond=0), None]),
    (times("M8[m]"), "List of LocalDateTime", [DAY.replace(second=0, microsecond=0), None]),
    (times("M8[25s]"), "List of LocalDateTime", [DAY.replace(second=0, microsecond=0), None]),
    (times("M8[D]"), "List of LocalDate", [DAY.date(), None]),
    (times("M8[W]"), "List of LocalDate", [DAY.date(), None]),
    (times("M8[ms]")[::-1], "List of null", [None, DAY.replace(microsecond=0)]),
    (np.array([1, -2], "m8[h]"), "List of Duration", [datetime.timedelta(hours=1), datetime.timedelta(hours=-2)]),
    (np.array(["süß", ""]), "List of String", ["süß", ""]),
    (np.array(["a", "bcd"], dtype=">U3"), "List of String", ["a", "bcd"]),
    (np.array([b"a\0b", b""]), "List of byte[]", [b"a\0b", b""]),
    (np.array([None, "a", 2], dtype=object), "List of null", [None, "a", 2]),
    (np.array(["ü", ""], dtype=np.dtypes.StringDType()), "List of String", ["ü", ""]),
    (np.ma.masked_array([1, 2], [False, True]), "List of Long", [1, None]),
    (np.ma.masked_array([1.5, 2]), "List of Double", [1.5, 2.0]),
    (array.array("d", [1.5, 2]), "double[]", np.array([1.5, 2])),
    (array.array("B", [1, 255]), "UINT8[2]", np.array([1, 255], "u1")),
    (array.array("l", [-1]), "long[]", np.array([-1])),
    (pd.Timestamp(DAY), "LocalDateTime", DAY),
    (pd.Timestamp(DAY, tz="Europe/Berlin"), "ZonedDateTime", DAY.replace(tzinfo=BERLIN)),
    (pd.Timedelta(3, "s"), "Duration", datetime.timedelta(seconds=3)),
    (pd.NaT, "null", None),
    (pd.NA, "null", None),
]

REFUSED = [
    # (value, what is said)
    (np.array([1], "g"), r"a NumPy array of <?[fg]16 can not be read in Java"),
    (times("M8[M]"), r"a NumPy array of <?M8\[1?M\] can not be read in Java"),
    (np.array([1], "M8[ps]"), r"a NumPy array of <?M8\[1?ps\] can not be read in Java"),
    (np.zeros(1, "V4"), r"a NumPy array of .*V4 can not be read in Java"),
    (np.zeros(1, [("a", "i4", 3)]), r"a NumPy array of V12 can not be read in Java"),
    (np.zeros(1, [("a", [("b", "i4")])]), r"a NumPy array of records in records can not be read in Java"),
    (times("M8[s]").reshape(1, 2), r"a NumPy array of strings, times or records with 2 dimensions can not be read"),
    (np.array([["a"]], dtype=object), r"a NumPy array of objects with 2 dimensions can not be read"),
    (np.ma.masked_array([[1]], [[True]]), r"a NumPy array of several dimensions is where one of one dimension"),
    (fractions.Fraction(1, 2), r"a fractions\.Fraction of Python has no counterpart in Java"),
    (slice(3), r"a builtins\.slice of Python has no counterpart in Java"),
    (range(3), r"a builtins\.range of Python has no counterpart in Java"),
    (pd.Period("2024"), r"a pandas\._libs\.tslibs\.period\.Period of Python has no counterpart in Java"),
]


def both_ways(client, value):
    """The value as an argument that comes with the call, and as another task's result."""
    return [value, client.submit(lambda: value, pure=False)]


def equal(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype.newbyteorder("=") and one.shape == other.shape and np.array_equal(one, other, True)
    return type(one) is type(other) and repr(one) == repr(other)


def named(rows):
    return [f"{number}-{row[1][:30]}" for number, row in enumerate(rows)]


@pytest.mark.parametrize("value, kind", SAME, ids=named(SAME))
def test_it_crosses_and_comes_back_as_it_was(client, value, kind):
    for given in both_ways(client, value):
        assert java(f"{FUNCTIONS}::described")(given, pure=False).result() == kind
        back = java(f"{FUNCTIONS}::same")(given, pure=False)
        assert equal(client.submit(lambda x: x, back).result(), value)
        assert equal(back.result(), value)


@pytest.mark.parametrize("value, kind, comes_back", OTHER, ids=named(OTHER))
def test_it_crosses_and_comes_back_as_its_nearest(client, value, kind, comes_back):
    for given in both_ways(client, value):
        if isinstance(value, memoryview) and given is value:
            continue  # Python itself can not pickle it
        assert java(f"{FUNCTIONS}::described")(given, pure=False).result() == kind
        assert equal(java(f"{FUNCTIONS}::same")(given, pure=False).result(), comes_back)


@pytest.mark.parametrize("value, said", REFUSED, ids=named(REFUSED))
def test_what_does_not_cross_is_named(client, value, said):
    for given in both_ways(client, value):
        with pytest.raises(RuntimeError, match=said):
            java(f"{FUNCTIONS}::described")(given, pure=False).result()


def test_records_are_tables(client):
    for given in both_ways(client, RECORDS):
        assert java(f"{FUNCTIONS}::described")(given, pure=False).result() == "Table[n, x, s]"
        frame = java(f"{FUNCTIONS}::same")(given, pure=False).result()
        assert frame.n.tolist() == [1, 2] and frame.x.tolist() == [2.5, -0.5] and frame.s.tolist() == ["ab", "c"]
    one = java(f"{FUNCTIONS}::same")(RECORDS[1]).result()
    assert one == {"n": 2, "x": -0.5, "s": "c"}


def test_functions_take_complex_numbers(client):
    assert java(f"{FUNCTIONS}::conjugate")(1 + 2j).result() == 1 - 2j
    assert java(f"{FUNCTIONS}::length")(np.array([3 + 4j, 1j])).result() == 6
    assert java(f"{FUNCTIONS}::length")([3 + 4j]).result() == 5
