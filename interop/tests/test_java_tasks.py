"""Java tasks submitted from Python, through an unmodified client, on a cluster with a worker of each kind."""

import datetime

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster

from dask_jvm import java
from tasks import double, inc

FUNCTIONS = "crossing.Functions"


@pytest.fixture(scope="module")
def cluster(both_kinds):
    return both_kinds


def test_a_java_function_takes_values_and_futures(client):
    total = client.submit(sum, [3, 4])
    assert java("java.lang.Math::hypot")(total, 24.0).result() == 25.0
    mean = java("crossing.Fn")([total, 1, client.submit(inc, 3)])
    assert mean.result() == 4.0
    assert client.submit(double, mean).result() == 8.0


@pytest.mark.parametrize(
    "name, arguments, result",
    [
        (f"{FUNCTIONS}::kind", (3,), "int"),
        (f"{FUNCTIONS}::kind", (3.0,), "double"),
        (f"{FUNCTIONS}::kind", ("three",), "String"),
        (f"{FUNCTIONS}::kind", (None,), "String"),
        (f"{FUNCTIONS}::kind", (3 * 10**9,), "double"),
        (f"{FUNCTIONS}::kind", (2**70,), "double"),
        (f"{FUNCTIONS}::kind", (2**70 + 1,), "BigInteger"),
        (f"{FUNCTIONS}::kind", ([1],), "ArrayList"),
        (f"{FUNCTIONS}::kind", (datetime.date(2024, 2, 29),), "LocalDate"),
        (f"{FUNCTIONS}::count", (), 0),
        (f"{FUNCTIONS}::count", ("a", "b"), 2),
        (f"{FUNCTIONS}::count", (["a", "b", "c"],), 3),
        (f"{FUNCTIONS}::lengths", (("a", "bcd"),), {"a": 1, "bcd": 3}),
        (f"{FUNCTIONS}::trace", (np.eye(3),), 3.0),
        (f"{FUNCTIONS}::trace", ([[1, 2], [3, 4.5]],), 5.5),
        ("crossing.Functions.Total", (1, 2, 3), 6),
        ("crossing.Functions$Total", (), 0),
        ("java.lang.String::toUpperCase", ("süß",), "SÜSS"),
        ("java.lang.String::substring", ("abcdef", 1, 3), "bc"),
        ("java.math.BigInteger::new", ("12345678901234567890",), 12345678901234567890),
        ("java.lang.Math::abs", (-3,), 3),
        ("java.lang.Math::max", (2, 2.5), 2.5),
        ("java.time.DayOfWeek::getValue", ("SUNDAY",), 7),
    ],
)
def test_arguments_choose_among_overloads(client, name, arguments, result):
    assert java(name)(*arguments).result() == result


def test_numpy_arrays_are_java_arrays_and_come_back(client):
    values = client.submit(np.arange, 4.0)
    scaled = java(f"{FUNCTIONS}::scaled")(values, 2)
    assert scaled.result().tolist() == [0.0, 2.0, 4.0, 6.0]
    assert java(f"{FUNCTIONS}::scaled")(np.arange(3), 0.5).result().tolist() == [0.0, 0.5, 1.0]
    grid = np.arange(6.0).reshape(2, 3)
    turned = java(f"{FUNCTIONS}::transposed")(grid).result()
    assert turned.shape == (3, 2)
    assert (turned == grid.T).all()


def test_a_pipeline_crosses_many_times_without_the_client(client):
    data = client.submit(np.ones, 100_000)  # Python
    scaled = java(f"{FUNCTIONS}::scaled")(data, 3)  # Java
    shifted = client.submit(np.add, scaled, 1)  # Python
    again = java(f"{FUNCTIONS}::scaled")(shifted, 0.5)  # Java
    total = client.submit(np.sum, again)  # Python
    halves = java(f"{FUNCTIONS}::half")(client.submit(int, total))  # Java
    assert halves.result() == 100_000
    where = client.who_has([data, scaled, shifted, again])
    holders = [set(where[future.key]) for future in (data, scaled, shifted, again)]
    assert holders[0] & holders[1], "the JVM worker has fetched what the Python worker made"
    assert holders[1] & holders[2], "and the other way round"


def test_results_are_arguments_anywhere_inside_and_by_any_key(client):
    delayed = dask.delayed(inc)(1)
    future = client.compute(delayed)
    [tuple_key] = client.futures_of(client.persist(dask.delayed(inc)(6, dask_key_name=("six", 6))))
    assert tuple_key.key == ("six", 6)
    words = java(f"{FUNCTIONS}::lengths")([client.submit(str, future), client.submit(str, tuple_key), "x"])
    assert words.result() == {"2": 1, "7": 1, "x": 1}


def test_map_submits_all_at_once(client):
    half = java(f"{FUNCTIONS}::half")
    futures = half.map(client.map(double, range(1000)))
    assert client.gather(futures) == list(range(1000))
    assert [future.key for future in half.map([2, 4], key="halved", pure=False)][0].startswith("halved-")
    assert client.gather(java("java.lang.Math::max").map([1, 5], [3, 4])) == [3, 5]


def test_the_same_call_is_one_task_unless_it_is_not_pure(client):
    half = java(f"{FUNCTIONS}::half")
    one, other = half(4), half(4)
    assert one.key == other.key and one.key.startswith("half-")
    assert half(4, pure=False).key != one.key
    assert half(4, key="my-own").key == "my-own"
    assert java("crossing.Fn")([1], client=client).key.startswith("Fn-")


def test_options_are_those_of_submit(client, cluster):
    addresses = cluster.addresses()
    half = java(f"{FUNCTIONS}::half")
    here = half(2, workers="jvm", priority=3, retries=1, pure=False)
    assert here.result() == 1
    assert client.who_has([here]) == {here.key: (addresses["jvm"],)}
    anywhere = half(2, workers=["nowhere"], allow_other_workers=True, pure=False)
    assert anywhere.result() == 1
    with dask.annotate(resources={"GPU": 1}):
        never = half(2, pure=False)
    assert half(8, workers=[addresses["jvm"]]).result() == 4
    assert client.sync(client.scheduler.get_task_status, keys=[never.key]) == {never.key: "no-worker"}
    with pytest.raises(TypeError, match="no option 'speed'"):
        half(2, speed=3)
    with pytest.raises(ValueError, match="Only use allow_other_workers= if using workers="):
        half(2, allow_other_workers=True)


def test_a_task_may_be_tried_again(client, tmp_path):
    flaky = java(f"{FUNCTIONS}::onlyOnce")
    assert flaky(str(tmp_path / "first"), retries=1).result() == "the second time"
    assert "the first time" in str(flaky(str(tmp_path / "other")).exception())


def test_what_can_not_be_called_says_so(client):
    def fails(name, *arguments):
        return str(java(name)(*arguments).exception())

    assert "the class com.example.Missing is not on the class path" in fails("com.example.Missing")
    assert "no public method haff; its static ones are " in fails(f"{FUNCTIONS}::haff", 1)
    assert "Functions::half can not be called with (Long, Long); there is half(int)" in fails(f"{FUNCTIONS}::half", 1, 2)
    assert "half can not be called with (Long); there is half(int)" in fails(f"{FUNCTIONS}::half", 2**40)
    assert "half can not be called with (Double)" in fails(f"{FUNCTIONS}::half", 1.5)
    assert "is ambiguous for (null); there is either(" in fails(f"{FUNCTIONS}::either", None)
    assert "has several public static methods; name one of them, as in crossing.Functions::" in fails(FUNCTIONS)
    assert java("java.lang.Thread")().result() is None, "it is a Runnable"
    assert "the class java.lang.Object is no function" in fails("java.lang.Object")
    for name in ("", "a b", "com.example::Fn::x", 3, "com.example.Fn::"):
        with pytest.raises(ValueError, match="is no name of a Java function"):
            java(name)


def test_what_can_not_cross_is_named(client):
    class Local:
        pass

    half = java(f"{FUNCTIONS}::half")
    with pytest.raises(TypeError, match="an argument of crossing.Functions::half can not be sent to Java: .*Local"):
        half(Local())
    with pytest.raises(TypeError, match=r"a Delayed of Dask's is no value yet; give client.compute\(it\)"):
        half(dask.delayed(inc)(1))
    assert "a builtins.slice of Python has no counterpart in Java" in str(half(slice(3)).exception())
    future = client.submit(slice, 3)
    failure = str(half(future).exception())
    assert "cannot be read: a builtins.slice of Python has no counterpart in Java" in failure and future.key in failure
    thread = java(f"{FUNCTIONS}::unreadable")()
    with pytest.raises(RuntimeError, match="java.lang.Thread, which is not Serializable"):
        thread.result()


def test_a_java_function_is_none_of_pythons(client):
    half = java(f"{FUNCTIONS}::half")
    with pytest.raises(TypeError, match="is no function that a Python worker can run: call it, as in java"):
        client.submit(half, 2)
    with pytest.raises(TypeError) as raised:
        client.compute(dask.delayed(half)(2))
    assert "is no function that a Python worker can run" in str(raised.value.__cause__)


def test_a_scheduler_without_jvm_workers_is_refused(client):
    with LocalCluster(n_workers=0, processes=False, dashboard_address=None) as own:
        with Client(own, set_as_default=False) as other:
            with pytest.raises(TypeError, match="a scheduler without JVM workers"):
                java("java.lang.Math::abs")(1, client=other)


def test_errors_of_java_reach_python_with_type_and_trace(client):
    failed = java(f"{FUNCTIONS}::failing")(2)
    error = failed.exception()
    assert type(error) is RuntimeError
    assert error.java_class == "java.util.NoSuchElementException"
    lines = str(error).splitlines()
    assert lines[0] == "java.util.NoSuchElementException: nothing down here"
    assert lines[1].strip().startswith("at crossing.Functions.failing(Functions.java:")
    after = client.submit(inc, failed)
    assert str(after.exception()) == str(error), "and what needs it fails with the same"
    assert client.submit(inc, java(f"{FUNCTIONS}::half")(after)).exception().java_class == error.java_class


def test_errors_of_python_go_through_java(client):
    def divide(a, b):
        return a / b

    failed = client.submit(divide, 1, 0)
    after = client.submit(inc, java(f"{FUNCTIONS}::half")(failed))
    with pytest.raises(ZeroDivisionError) as raised:
        after.result()
    assert raised.traceback[-1].name == "divide", "the traceback is that of the task that failed"


def test_a_task_of_python_submits_tasks_of_java(client):
    def inside(n):
        return java("crossing.Functions::half")(n).result()

    assert client.submit(inside, 12).result() == 6


async def _asynchronously(address):
    async with Client(address, asynchronous=True, set_as_default=False) as other:
        total = other.submit(sum, [3, 4])
        return await java("java.lang.Math::hypot")(total, 24.0, client=other)


def test_asynchronous_clients_wait_as_they_do(client, cluster):
    assert client.sync(_asynchronously, cluster.address) == 25.0
