"""Services by which two clients and their tasks coordinate."""

import pytest
from distributed import Event, Lock, MultiLock, Queue, Semaphore, TimeoutError, Variable

from harness import wait_for
from tasks import inc


@pytest.fixture
def other(cluster, client):
    other = cluster.client()
    yield other
    other.close()


def test_an_event_that_one_client_sets_lets_a_task_of_another_go_on(client, other):
    waiting = client.submit(lambda: Event("go").wait(timeout="30s"))
    assert not Event("go", client=other).wait(timeout="10ms")
    Event("go", client=other).set()
    assert waiting.result() is True
    Event("go", client=other).clear()
    assert not Event("go", client=client).is_set()


def test_a_lock_is_held_by_one_client_at_a_time(client, other):
    with client.as_current():
        mine = Lock("l")
    with other.as_current():
        theirs, further = Lock("l"), Lock("m")
    with mine:
        assert not theirs.acquire(blocking=False)
        assert further.acquire(timeout="30s")
    assert theirs.acquire(timeout="30s")


def test_a_semaphore_limits_how_many_tasks_are_in_it(client):
    semaphore = Semaphore(max_leases=2, name="s")

    def enter(semaphore, i):
        with semaphore:
            return semaphore.get_value()

    inside = client.gather(client.map(enter, [semaphore] * 10, range(10), pure=False))
    assert 1 <= max(inside) <= 2
    assert semaphore.get_value() == 0
    semaphore.close()


def test_several_locks_at_once(client, other):
    one, two = MultiLock(["a", "b"], client=client), MultiLock(["b", "c"], client=other)
    assert one.acquire(timeout=30)
    assert not two.acquire(timeout=0.01)
    one.release()
    assert MultiLock(["b", "c"], client=other).acquire(timeout=30)


def test_a_future_goes_by_a_queue_and_outlives_the_client_that_put_it(cluster, client):
    other = cluster.client()
    Queue("q", client=other).put(other.submit(inc, 1))
    other.close()
    queue = Queue("q", client=client)
    future = queue.get(timeout="30s")
    assert future.result() == 2
    with pytest.raises(TimeoutError):
        queue.get(timeout="10ms")
    queue.close()
    queue.close()


def test_a_failed_future_goes_by_a_queue(client, other):
    Queue("f", client=client).put(client.submit(lambda: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        Queue("f", client=other).get(timeout="30s").result()
    Queue("f", client=other).close()
    Queue("f", client=client).close()


def test_a_variable_holds_a_future_until_it_gets_another_value(cluster, client, other):
    variable = Variable("v", client=client)
    with pytest.raises(TimeoutError):
        variable.get(timeout="10ms")
    future = client.submit(inc, 10, key="held")
    variable.set(future)
    del future
    assert Variable("v", client=other).get(timeout="30s").result() == 11
    variable.set({"plain": 12})
    assert Variable("v", client=other).get() == {"plain": 12}
    wait_for(lambda: "held" not in cluster.known_tasks(), "nobody holds the future any more")
    variable.delete()
