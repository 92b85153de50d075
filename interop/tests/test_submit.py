"""The calls of the client, one by one."""

import time

import dask
import pytest
from dask import delayed
from distributed import CancelledError, TimeoutError, as_completed, wait

from harness import wait_for
from tasks import add, double, fail_times, inc, note, slowinc, unless_exists, wait_for_file, worker_name


def test_submit_returns_the_result_of_a_function(client):
    future = client.submit(inc, 1)
    assert future.result(timeout=20) == 2
    assert future.status == "finished"
    assert future.type is int


def test_submit_with_a_lambda_and_keyword_arguments(client):
    assert client.submit(lambda x, y=0, *, z: x + y + z, 1, y=2, z=3).result() == 6


def test_pure_calls_share_a_key_and_impure_ones_do_not(client):
    assert client.submit(inc, 1).key == client.submit(inc, 1).key
    assert client.submit(inc, 1, pure=False).key != client.submit(inc, 1, pure=False).key


def test_futures_are_arguments_of_other_tasks(client):
    x = client.submit(inc, 1)
    y = client.submit(inc, 10)
    assert client.submit(add, x, y).result() == 13
    assert client.submit(add, x=x, y=y).result() == 13


def test_map_over_one_and_over_several_iterables(client):
    assert client.gather(client.map(inc, range(50))) == list(range(1, 51))
    assert client.gather(client.map(add, range(10), range(10, 20))) == list(range(10, 30, 2))
    assert client.gather(client.map(inc, [])) == []


def test_map_over_futures(client):
    first = client.map(inc, range(10))
    assert client.gather(client.map(double, first)) == [2 * i for i in range(1, 11)]


def test_map_in_batches(client):
    assert client.gather(client.map(inc, range(100), batch_size=30)) == list(range(1, 101))


def test_map_with_keys_given(client):
    futures = client.map(inc, [1, 2], key=["one", "two"])
    assert [f.key for f in futures] == ["one", "two"]
    assert client.gather(futures) == [2, 3]


def test_gather_keeps_the_shape_of_nested_collections(client):
    a, b = client.submit(inc, 1), client.submit(inc, 2)
    assert client.gather({"a": a, "rest": [b, (a,)]}) == {"a": 2, "rest": [3, (2,)]}


def test_gather_may_skip_what_failed(client):
    good, bad = client.submit(inc, 1), client.submit(lambda: 1 / 0)
    assert client.gather([good, bad], errors="skip") == [2]


def test_scatter_one_value_a_list_and_a_dict(client):
    assert client.scatter(5).result() == 5
    assert client.gather(client.scatter([1, 2, 3])) == [1, 2, 3]
    assert client.gather(client.scatter({"x": 1, "y": 2})) == {"x": 1, "y": 2}


def test_scattered_values_are_arguments(client):
    x = client.scatter([1, 2, 3])
    assert client.submit(sum, x).result() == 6
    assert client.gather(client.map(inc, x)) == [2, 3, 4]


def test_scatter_without_hashing_makes_a_new_key_each_time(client):
    a, b = client.scatter("same", hash=False), client.scatter("same", hash=False)
    assert a.key != b.key
    assert client.gather([a, b]) == ["same", "same"]


def test_scatter_to_a_worker_of_ones_choice(client, cluster):
    address = cluster.addresses()["w1"]
    future = client.scatter(b"here", workers=[address])
    assert client.who_has([future]) == {future.key: (address,)}


def test_scatter_broadcast_puts_a_copy_on_every_worker(client, cluster):
    [future] = client.scatter([b"x" * 1000], broadcast=True)
    assert set(client.who_has([future])[future.key]) == set(cluster.addresses().values())
    assert client.submit(len, future).result() == 1000


def test_scatter_straight_to_the_workers(client):
    assert client.gather(client.scatter([10, 20], direct=True), direct=True) == [10, 20]


def test_compute_gives_a_future(client):
    x = delayed(inc)(1)
    future = client.compute(x + 10)
    assert future.result() == 12
    assert client.compute([x, x + 1], sync=True) == [2, 3] or client.compute([x, x + 1], sync=True) == (2, 3)


def test_dask_compute_uses_the_client_it_is_given(client):
    total = delayed(sum)([delayed(inc)(i) for i in range(20)])
    assert total.compute(scheduler=client) == 210
    assert dask.compute(total, delayed(inc)(0), scheduler=client) == (210, 1)


def test_persist_keeps_results_on_the_cluster(client):
    x = client.persist(delayed(slowinc)(1, delay=0.01))
    wait(x)
    assert client.who_has()[x.key]
    assert client.compute(x + 1).result() == 3


def test_get_computes_a_graph_written_by_hand(client):
    graph = {"a": 1, "b": (inc, "a"), "c": (add, "b", (double, "a")), "d": (sum, ["a", "b", "c"])}
    assert client.get(graph, "d") == 1 + 2 + 4
    assert client.get(graph, ["a", ["b", "c"]]) == (1, (2, 4)) or client.get(graph, ["a", ["b", "c"]]) == [1, [2, 4]]


def test_get_without_waiting_gives_futures(client):
    future = client.get({"z": (inc, 41)}, "z", sync=False)
    assert future.result() == 42


def test_wait_for_all(client):
    futures = client.map(slowinc, range(10), delay=0.02)
    done, not_done = wait(futures)
    assert len(done) == 10 and not not_done


def test_wait_for_the_first(client, tmp_path):
    blocked = client.submit(wait_for_file, tmp_path / "go")
    quick = client.submit(inc, 1)
    done, not_done = wait([blocked, quick], return_when="FIRST_COMPLETED")
    assert quick in done and blocked in not_done
    (tmp_path / "go").touch()
    wait(blocked)


def test_waiting_can_time_out(client, tmp_path):
    future = client.submit(wait_for_file, tmp_path / "go", "went")
    with pytest.raises(TimeoutError):
        future.result(timeout=0.1)
    with pytest.raises(TimeoutError):
        wait(future, timeout=0.1)
    (tmp_path / "go").touch()
    assert future.result() == "went"


def test_as_completed_yields_each_future_once_it_is_done(client, tmp_path):
    blocked = client.submit(wait_for_file, tmp_path / "go", "last")
    futures = client.map(inc, range(5))
    seen = []
    for future, result in as_completed([blocked, *futures], with_results=True):
        seen.append(result)
        if len(seen) == 5:
            (tmp_path / "go").touch()
    assert sorted(seen[:5]) == [1, 2, 3, 4, 5]
    assert seen[5] == "last"


def test_as_completed_takes_more_futures_on_the_way(client):
    running = as_completed(client.map(inc, range(3)))
    total = 0
    for future in running:
        total += future.result()
        if total < 50:
            running.add(client.submit(inc, total))
    assert total >= 50


def test_cancelled_work_is_forgotten(client, cluster, tmp_path):
    blocker = client.submit(wait_for_file, tmp_path / "go")
    never = client.submit(note, tmp_path / "log", blocker)
    client.cancel([never])
    wait_for(never.cancelled, "the future knows that it is cancelled")
    with pytest.raises(CancelledError):
        never.result()
    wait_for(lambda: never.key not in cluster.known_tasks(), "the scheduler forgets a cancelled task")
    (tmp_path / "go").touch()
    wait(blocker)
    assert client.submit(inc, 5).result() == 6
    assert not (tmp_path / "log").exists()


def test_cancelling_a_task_cancels_what_depends_on_it(client, tmp_path):
    blocker = client.submit(wait_for_file, tmp_path / "go")
    child = client.submit(note, tmp_path / "log", blocker)
    client.cancel([blocker], force=True)
    wait_for(lambda: blocker.cancelled() and child.cancelled(), "both are cancelled")
    (tmp_path / "go").touch()


def test_retry_runs_a_failed_task_and_its_dependents_again(client, tmp_path):
    cause = client.submit(unless_exists, tmp_path / "needed")
    result = client.submit(add, cause, "!")
    with pytest.raises(FileNotFoundError):
        result.result()
    (tmp_path / "needed").touch()
    client.retry([result])
    assert result.result() == "there!"


def test_retry_runs_very_many_failed_tasks_again(client, tmp_path):
    cause = client.submit(unless_exists, tmp_path / "needed")
    numbers = [str(i) for i in range(5_000)]
    results = client.map(add, [cause] * 5_000, numbers)
    wait(results)
    assert {future.status for future in results} == {"error"}
    (tmp_path / "needed").touch()
    client.retry(results)
    assert client.gather(results) == ["there" + number for number in numbers]


def test_retries_runs_a_failing_task_so_often_and_no_more(client, tmp_path):
    assert client.submit(fail_times, tmp_path / "a", 2, retries=2).result() == 3
    with pytest.raises(OSError, match="attempt 2 fails"):
        client.submit(fail_times, tmp_path / "b", 2, retries=1).result()


def test_retries_reach_the_tasks_of_a_collection(client, tmp_path):
    flaky = delayed(fail_times)(tmp_path / "a", 1)
    assert client.compute(flaky, retries=3).result() == 2
    with dask.annotate(retries=1):
        annotated = delayed(fail_times)(tmp_path / "b", 1)
    assert client.compute(annotated, optimize_graph=False).result() == 2


def test_released_futures_are_forgotten(client, cluster):
    future = client.submit(inc, 123)
    future.result()
    key = future.key
    assert key in cluster.known_tasks()
    del future
    wait_for(lambda: key not in cluster.known_tasks(), "nobody wants it, so it is forgotten")


def test_intermediate_results_are_released_when_used(client, cluster):
    total = client.compute(delayed(sum)([delayed(inc)(i) for i in range(10)]))
    assert total.result() == 55
    wait_for(lambda: cluster.stored_tasks() == {total.key}, "only the wanted result is kept")


def test_fire_and_forget_runs_though_nobody_holds_the_future(client, tmp_path):
    from distributed import fire_and_forget

    fire_and_forget(client.submit(note, tmp_path / "log", "ran"))
    wait_for((tmp_path / "log").exists, "the task ran")


def test_callbacks_run_when_a_future_is_done(client):
    results = []
    client.submit(inc, 1).add_done_callback(lambda f: results.append(f.result()))
    wait_for(lambda: results == [2], "the callback has run")


@pytest.mark.parametrize(
    "key",
    ["text", ("tuple", 0), ("nested", ("deep", 1.5), "x"), ("unicode-ключ", -1), 17, 2.5],
    ids=str,
)
def test_keys_of_every_kind(client, key):
    future = client.submit(inc, 1, key=key)
    assert future.result() == 2
    assert set(client.who_has([future])) == {key}
    assert client.get({key: (inc, 1), "top-of-it": (inc, key)}, "top-of-it") == 3


def test_a_graph_of_tuple_keys(client):
    graph = {("x", i): (inc, ("x", i - 1)) for i in range(1, 30)} | {("x", 0): 0}
    assert client.get(graph, [("x", 29), ("x", 3)]) in ((29, 3), [29, 3])


def test_no_result_is_a_result_too(client):
    assert client.submit(lambda: None).result() is None
    assert client.submit(len, []).result() == 0


def test_a_long_chain(client):
    x = delayed(inc)(0)
    for _ in range(299):
        x = delayed(inc)(x)
    assert client.compute(x, optimize_graph=False).result() == 300


def test_the_same_work_asked_for_by_two_clients_is_done_once(client, cluster, tmp_path):
    other = cluster.client()
    a = client.submit(note, tmp_path / "log", "once", key="shared-work")
    b = other.submit(note, tmp_path / "log", "once", key="shared-work")
    assert a.result() == b.result() == "once"
    assert (tmp_path / "log").read_text() == "once\n"
    del a
    assert b.result() == "once"
    other.close()


def test_both_workers_get_work(client):
    names = client.gather(client.map(lambda _: (time.sleep(0.05), worker_name())[1], range(16)))
    assert set(names) == {"w0", "w1"}
