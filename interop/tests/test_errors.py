"""What goes wrong in a task or in a graph reaches the client as it happened, and hurts nobody else."""

import sys
import traceback
import types

import pytest
from dask import delayed
from dask._task_spec import Task, TaskRef
from distributed import CancelledError, Future, wait
from distributed.client import FutureCancelledError

from tasks import CustomError, Unserializable, add, div, inc, raise_custom


@pytest.fixture(autouse=True)
def the_cluster_goes_on(client):
    bystander = client.submit(inc, 1, key="bystander")
    yield
    assert client.submit(inc, 1, pure=False).result(timeout=10) == 2
    assert bystander.result(timeout=10) == 2


def test_an_exception_has_its_python_type_and_text(client):
    future = client.submit(div, 1, 0)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        future.result()
    assert future.status == "error"
    assert isinstance(future.exception(), ZeroDivisionError)


def test_an_exception_has_the_traceback_of_the_task(client):
    future = client.submit(div, 1, 0)
    text = "".join(traceback.format_tb(future.traceback()))
    assert "in div" in text and "return x / y" in text
    try:
        future.result()
    except ZeroDivisionError as e:
        assert "in div" in "".join(traceback.format_tb(e.__traceback__))


def test_an_exception_of_ones_own_class_keeps_its_attributes(client):
    with pytest.raises(CustomError) as info:
        client.submit(raise_custom, 17, {"why": ["because"]}).result()
    assert info.value.code == 17
    assert info.value.detail == {"why": ["because"]}


def test_an_exception_class_made_on_the_spot(client):
    class Local(Exception):
        pass

    def fail():
        raise Local("here")

    with pytest.raises(Exception, match="here") as info:
        client.submit(fail).result()
    assert type(info.value).__name__ == "Local"


def test_dependents_fail_with_the_error_of_what_they_depend_on(client):
    bad = client.submit(div, 1, 0)
    child = client.submit(add, bad, 1)
    grandchild = client.submit(inc, child)
    with pytest.raises(ZeroDivisionError):
        grandchild.result()
    assert child.status == "error"


def test_a_task_submitted_upon_a_failed_one_fails_too(client):
    bad = client.submit(div, 1, 0)
    wait(bad)
    with pytest.raises(ZeroDivisionError):
        client.submit(inc, bad).result()


def test_gather_raises_the_first_error(client):
    futures = client.map(div, [1, 2], [1, 0])
    with pytest.raises(ZeroDivisionError):
        client.gather(futures)
    assert futures[0].result() == 1.0


def test_compute_and_get_raise(client):
    with pytest.raises(ZeroDivisionError):
        delayed(inc)(delayed(div)(1, 0)).compute()
    with pytest.raises(ZeroDivisionError):
        client.get({"x": (div, 1, 0), "y": (inc, "x")}, "y")


def test_a_long_message_is_cut_but_arrives(client):
    def fail():
        raise ValueError("x" * 100_000)

    with pytest.raises(Exception, match="xxxx"):
        client.submit(fail).result()


def test_an_exception_that_can_not_be_pickled_arrives_as_text(client):
    def fail():
        e = RuntimeError("has a lock")
        e.args = (*e.args, Unserializable())
        raise e

    with pytest.raises(Exception, match="has a lock"):
        client.submit(fail).result()


def test_a_result_that_can_not_be_pickled(client):
    future = client.submit(Unserializable)
    wait(future)
    assert future.status == "finished"
    with pytest.raises(TypeError, match="[Ss]erialize|pickle"):
        future.result()


def test_wrong_arguments_for_the_function(client):
    with pytest.raises(TypeError, match="argument"):
        client.submit(inc, 1, 2, 3).result()


@pytest.fixture
def module_of_the_client_alone():
    module = types.ModuleType("only_the_client_has_this")
    exec("def f(x): return x", module.__dict__)
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_a_function_of_a_module_that_only_the_client_has(client, module_of_the_client_alone):
    future = client.submit(module_of_the_client_alone.f, 1)
    with pytest.raises((RuntimeError, ModuleNotFoundError)) as info:
        future.result(timeout=20)
    chain = [info.value, info.value.__cause__]
    assert any("only_the_client_has_this" in str(e) for e in chain)


def test_a_graph_that_needs_a_result_nobody_has(client):
    """The key of a future that was never computed."""
    gone = Future("this-key-is-nowhere", client)
    future = client.submit(inc, gone)
    with pytest.raises((CancelledError, FutureCancelledError)):
        future.result(timeout=20)


def test_a_graph_with_a_missing_dependency(client):
    graph = {"x": Task("x", inc, TaskRef("is-missing")), "y": Task("y", inc, TaskRef("x"))}
    with pytest.raises((CancelledError, FutureCancelledError)):
        client.get(graph, "y")


def test_a_graph_with_a_cycle(client):
    graph = {"a": (inc, "c"), "b": (inc, "a"), "c": (inc, "b")}
    with pytest.raises(RuntimeError, match="[Cc]ycle"):
        client.get(graph, "c")


def test_a_task_that_needs_itself(client):
    with pytest.raises(RuntimeError, match="[Cc]ycle"):
        client.get({"a": Task("a", inc, TaskRef("a"))}, "a")


def test_a_wanted_key_that_the_graph_does_not_have(client):
    [future] = client._graph_to_futures({"a": (inc, 1)}, ["b"], span_metadata={"collections": []}).values()
    with pytest.raises((CancelledError, FutureCancelledError)):
        future.result(timeout=10)
