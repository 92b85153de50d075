"""Copies of results: dropped where there are too many, made where a worker leaves; and actors, of which there are none."""

import pytest
from distributed import wait

from harness import wait_for
from tasks import inc

MANAGER = "DASK_DISTRIBUTED__SCHEDULER__ACTIVE_MEMORY_MANAGER__"


class Counter:
    def __init__(self):
        self.n = 0

    def increment(self):
        self.n += 1
        return self.n


def holders(client, future):
    return set(client.who_has([future])[future.key])


def test_copies_are_dropped_when_asked_and_by_itself_when_started(new_cluster):
    cluster = new_cluster(workers=2, env={MANAGER + "START": "False", MANAGER + "INTERVAL": "50ms"})
    client = cluster.client()
    x = client.scatter("x", broadcast=True)
    assert not client.amm.running()
    assert holders(client, x) == set(cluster.addresses().values())
    client.amm.run_once()
    wait_for(lambda: len(holders(client, x)) == 1, "one copy is dropped")
    y = client.scatter("y", broadcast=True)
    assert len(holders(client, y)) == 2
    client.amm.start()
    assert client.amm.running()
    wait_for(lambda: len(holders(client, y)) == 1, "one copy is dropped")
    client.amm.stop()
    assert not client.amm.running()
    assert client.gather([x, y]) == ["x", "y"]


def test_an_actor_keeps_its_worker_from_retiring_and_is_lost_with_it(new_cluster):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    home, other = cluster.addresses()["w0"], cluster.addresses()["w1"]
    future = client.submit(Counter, actor=True, workers=[home])
    counter = future.result()
    assert counter.increment().result() == 1
    assert client.retire_workers([home]) == {}
    assert set(client.retire_workers([other])) == {other}
    assert counter.increment().result() == 2
    cluster.workers["w0"].kill()
    wait_for(lambda: future.status == "error", "the loss is noticed")
    with pytest.raises(ValueError, match="Worker holding Actor was lost"):
        future.result()


def test_a_worker_that_alone_holds_something_does_not_retire_from_a_cluster_of_one(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    x = client.submit(inc, 1)
    wait(x)
    address = cluster.addresses()["w0"]
    assert client.retire_workers([address]) == {}
    assert client.submit(inc, x).result() == 3
