"""Plain graphs become tasks in the scheduler itself: no Python is asked, so a worker that refuses to `run` anything will do."""

import operator
import sys
import types

import pytest
from dask import delayed

from harness import Cluster

MAIN = {"__name__": "__main__"}
exec(
    """
def inc(x):
    return x + 1

def add(x, y=0):
    return x + y

class Unloadable:
    def __reduce__(self):
        return int, ("this is no number",)
""",
    MAIN,
)
inc, add = MAIN["inc"], MAIN["add"]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cutting"))
    cluster.add_worker("blocked", env={"DASK_DISTRIBUTED__WORKER__BLOCKED_HANDLERS": "['run']"})
    cluster.observer.wait_for_workers(1, timeout=30)
    yield cluster.client()
    cluster.close()


def test_submit(client):
    one = client.submit(inc, 1)
    both = client.submit(add, one, y=client.submit(operator.neg, 5))
    several = client.submit(sum, [one, both, 1])
    assert (one.result(timeout=30), both.result(timeout=30), several.result(timeout=30)) == (2, -3, 0)


def test_map(client):
    assert client.gather(client.map(inc, range(1000))) == list(range(1, 1001))
    numbers = client.map(operator.neg, range(10))
    assert client.gather(client.map(add, numbers, range(10), pure=False)) == [0] * 10
    assert client.gather(client.map(add, range(5), y=numbers[1])) == [-1, 0, 1, 2, 3]


def test_delayed(client):
    assert client.compute(delayed(inc)(delayed(inc)(1))).result(timeout=30) == 3


def test_options(client):
    future = client.submit(inc, 1, priority=3, retries=2, workers=["blocked"], allow_other_workers=True, pure=False)
    assert future.result(timeout=30) == 2


def test_a_task_that_cannot_be_loaded_fails_alone(client):
    futures = client.map(lambda x: x, [1, MAIN["Unloadable"](), 3], pure=False)
    with pytest.raises(RuntimeError, match="deserialization") as error:
        futures[1].result(timeout=30)
    assert "this is no number" in str(error.value.__cause__)
    assert client.gather([futures[0], futures[2]]) == [1, 3]


def test_a_module_that_only_the_client_has_is_named(client):
    module = types.ModuleType("only_the_client_has_it")
    exec("def function(x): return x", module.__dict__)
    sys.modules[module.__name__] = module
    try:
        future = client.submit(module.function, 1)
    finally:
        del sys.modules[module.__name__]
    with pytest.raises(RuntimeError, match="deserialization") as error:
        future.result(timeout=30)
    assert "only_the_client_has_it" in str(error.value.__cause__)
    assert client.submit(inc, 5).result(timeout=30) == 6
