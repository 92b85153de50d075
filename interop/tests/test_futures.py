"""Futures that travel, and results that outlive the client that asked for them."""

import pickle

import dask
import dask.array as da
import pytest
from dask import delayed
from distributed import Future, get_client, secede, wait, worker_client

from harness import wait_for
from tasks import add, fib_by_tasks, inc, return_future, slowinc, submit_from_worker, sum_of_futures


def test_futures_nested_in_list_and_dictionary_arguments(client):
    a, b, c = client.map(inc, [1, 2, 3])
    assert client.submit(sum, [a, b, c]).result() == 9
    assert client.submit(lambda d: d["x"] + d["more"][0][1], {"x": a, "more": [(b, c)]}).result() == 6


def test_futures_inside_a_delayed_computation(client):
    x = client.submit(inc, 1)
    assert client.compute(delayed(add)(x, delayed(inc)(10))).result() == 13
    assert client.compute(delayed(sum)([x, [x][0]])).result() == 4


def test_futures_inside_a_graph_written_by_hand(client):
    x = client.submit(inc, 1)
    assert client.get({"y": (add, x, 1), "z": (inc, "y")}, "z") == 4


def test_a_future_of_work_not_done_yet_is_an_argument(client):
    x = client.submit(slowinc, 1, delay=0.3)
    assert client.submit(add, x, x).result() == 4


def test_a_list_of_scattered_futures(client):
    assert client.submit(sum, client.scatter([1, 2, 3])).result() == 6


def test_a_task_submits_tasks_with_worker_client(client):
    assert client.submit(submit_from_worker, 10).result() == 55


def test_a_task_submits_tasks_with_get_client_and_steps_aside_for_them(client):
    assert client.submit(fib_by_tasks, 7).result() == 13


def test_more_tasks_step_aside_than_there_are_threads(client):
    assert client.gather(client.map(submit_from_worker, [3] * 12, pure=False)) == [6] * 12


def test_a_task_that_seceded_need_not_rejoin(client):
    def leave():
        secede()
        return "left"

    assert client.submit(leave).result() == "left"


def test_a_task_returns_a_future(client):
    outer = client.submit(return_future, 1)
    inner = outer.result()
    assert isinstance(inner, Future)
    assert client.submit(add, inner, 10).result() == 12


def test_a_task_is_given_futures_as_they_are(client):
    futures = client.map(inc, range(5))
    [kept] = client.scatter([tuple(futures)], hash=False)
    assert client.submit(sum_of_futures, kept).result() == 15


def test_a_task_computes_a_collection(client):
    def mean():
        with worker_client():
            return float(da.ones((40, 40), chunks=(10, 10)).mean().compute())

    assert client.submit(mean).result() == 1.0


def test_a_task_scatters(client):
    def spread():
        with worker_client() as c:
            return sum(c.gather(c.scatter([1, 2, 3])))

    assert client.submit(spread).result() == 6


def test_get_client_in_a_task_is_the_client_of_its_worker(client):
    def name():
        return get_client().id

    assert client.submit(name).result().startswith("Client-worker-")


def test_a_second_client_picks_up_a_result_by_its_key(client, cluster):
    x = client.submit(inc, 41, key="the-answer")
    wait(x)
    other = cluster.client()
    assert other.submit(inc, Future("the-answer", other)).result() == 43
    assert other.get({"more": (add, Future("the-answer", other), 10)}, "more") == 52
    other.close()
    assert x.result() == 42


def test_a_result_stays_while_any_client_wants_it(client, cluster):
    other = cluster.client(set_as_default=False)
    theirs = other.submit(inc, 1, key="handed-over")
    wait(theirs)
    mine = client.submit(inc, 1, key="handed-over")
    assert mine.result() == 2
    other.close()
    assert client.submit(inc, mine).result() == 3
    assert "handed-over" in cluster.stored_tasks()


def test_a_second_client_picks_up_a_persisted_collection(client, cluster):
    x = client.persist(da.arange(100, chunks=10) * 2)
    wait(x)
    blob = pickle.dumps(x)
    other = cluster.client()
    with other.as_current():
        y = pickle.loads(blob)
        assert y.sum().compute() == 9900
    other.close()


def test_a_second_client_picks_up_a_published_dataset(client, cluster):
    x = client.persist(da.arange(100, chunks=10))
    client.publish_dataset(numbers=x)
    other = cluster.client()
    assert other.list_datasets() == ("numbers",)
    assert other.get_dataset("numbers").sum().compute() == 4950
    other.unpublish_dataset("numbers")
    assert other.list_datasets() == ()
    other.close()


def test_a_published_dataset_outlives_the_client_that_made_it(cluster):
    maker = cluster.client()
    maker.publish_dataset(maker.submit(inc, 1, key="published-result"), name="one")
    wait_for(lambda: "published-result" in cluster.stored_tasks(), "it is computed")
    maker.close()
    user = cluster.client()
    assert user.get_dataset("one").result() == 2
    with pytest.raises(KeyError):
        user.publish_dataset(one=1)
    user.unpublish_dataset("one")
    user.close()
    wait_for(lambda: "published-result" not in cluster.known_tasks(), "what nobody wants any more is forgotten")


def test_an_unknown_dataset_is_a_key_error(client):
    with pytest.raises(KeyError):
        client.get_dataset("never published")
    assert client.get_dataset("never published", default=5) == 5


def test_dask_persist_and_compute_share_what_is_there(client, tmp_path):
    from tasks import note

    x = dask.persist(delayed(note)(tmp_path / "log", "once"))[0]
    wait(x)
    assert dask.compute(x, delayed(str.upper)(x)) == ("once", "ONCE")
    assert (tmp_path / "log").read_text() == "once\n"
