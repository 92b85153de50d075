"""Which workers can go, and that they go: `workers_to_close` and `retire_workers` by count, memory, group and name."""

import cloudpickle
import pytest
from distributed import wait

from harness import wait_for
from tasks import wait_for_file

LIMITED = ["--memory-limit", "1 GB"]
NAMES = ["a1", "a2", "b1"]


@pytest.fixture
def cluster(new_cluster):
    """Three workers of one thread and 1 GB, of which b1 holds a megabyte."""
    cluster = new_cluster()
    for name in NAMES:
        cluster.add_worker(name, nthreads=1, options=LIMITED)
    cluster.observer.wait_for_workers(3, timeout=30)
    return cluster


@pytest.fixture
def client(cluster):
    client = cluster.client()
    client.data = client.scatter(b"x" * 1_000_000, workers=["b1"], hash=False)
    return client


def to_close(client, **arguments):
    return list(client.sync(client.scheduler.workers_to_close, **{"attribute": "name"} | arguments))


def test_so_many_as_are_asked_for_those_with_little_data_first(client):
    assert to_close(client, n=1)[0] in ("a1", "a2")
    assert set(to_close(client, n=2)) == {"a1", "a2"}
    assert to_close(client, n=3)[2] == "b1"
    assert to_close(client, n=0) == to_close(client, n=-1) == []
    assert set(to_close(client, target=1)) == {"a1", "a2"}
    assert to_close(client, target=5) == []


def test_as_many_as_leave_enough_memory_for_the_data(client):
    assert len(to_close(client)) == 2
    assert len(to_close(client, memory_ratio=500)) == 2
    assert len(to_close(client, memory_ratio=1500)) == 1
    assert len(to_close(client, memory_ratio=2500)) == 0


def test_no_more_than_leave_the_minimum(client):
    assert len(to_close(client, minimum=2)) == 1
    assert len(to_close(client, n=3, minimum=1)) == 2
    assert to_close(client, n=1, minimum=3) == []


def test_groups_go_together_or_not_at_all(client):
    key = cloudpickle.dumps(lambda worker: worker.name[0])
    assert set(to_close(client, n=2, key=key)) == {"a1", "a2"}
    assert to_close(client, n=1, key=key) == []
    by_host = cloudpickle.dumps(lambda worker: worker.host)
    assert set(to_close(client, n=3, key=by_host)) == set(NAMES)
    assert to_close(client, n=2, key=by_host) == []


def test_busy_workers_go_only_where_a_number_is_asked_for(client, tmp_path):
    busy = [client.submit(wait_for_file, tmp_path / "go", name, workers=[name]) for name in ("a1", "a2")]
    wait_for(lambda: sum(map(len, client.processing().values())) == 2, "both are busy")
    assert to_close(client, memory_ratio=0) == ["b1"]
    assert to_close(client, n=1) == ["b1"]
    assert len(to_close(client, n=2)) == 2
    (tmp_path / "go").touch()
    wait(busy)


def test_what_is_told_of_each_worker(client, cluster):
    addresses = cluster.addresses()
    assert set(to_close(client, attribute="address", n=2)) == {addresses["a1"], addresses["a2"]}
    assert to_close(client, attribute="host", n=2) == ["127.0.0.1", "127.0.0.1"]
    assert to_close(client, attribute="nthreads", n=2) == [1, 1]
    with pytest.raises(AttributeError, match="nonsense"):
        to_close(client, attribute="nonsense", n=1)


def test_workers_retire_by_number_by_name_and_by_group(client, cluster):
    addresses = cluster.addresses()
    [gone] = client.retire_workers(n=1)
    assert gone in (addresses["a1"], addresses["a2"])
    [other] = {"a1", "a2"} & set(cluster.addresses())
    key = cloudpickle.dumps(lambda worker: worker.name[0])
    assert set(client.retire_workers(names=["b1", "nobody"])) == {addresses["b1"]}
    assert client.data.result() == b"x" * 1_000_000
    wait_for(lambda: set(cluster.addresses()) == {other}, "two are gone")
    assert client.retire_workers(n=1, minimum=1, key=key) == {}


def test_arguments_that_contradict_one_another(client, cluster):
    with pytest.raises(TypeError, match="mutually exclusive"):
        client.retire_workers(workers=[cluster.addresses()["a1"]], names=["a1"])
    with pytest.raises(TypeError, match="mutually exclusive"):
        client.retire_workers(names=["a1"], n=1)
    assert set(cluster.addresses()) == set(NAMES)
