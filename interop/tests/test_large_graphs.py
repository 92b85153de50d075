"""Graphs and lists of keys so large that the scheduler takes them in slices: what the client does next comes after."""

from distributed import fire_and_forget, wait

from harness import wait_for
from tasks import add, inc

TASKS = 6_000


def test_the_tasks_of_a_large_graph_all_run(client):
    graph = {f"x-{i}": (inc, i) for i in range(TASKS)}
    for depth, width in enumerate((60, 1)):
        below = list(graph)[-(TASKS if depth == 0 else 60) :]
        step = len(below) // width
        graph |= {f"sum-{depth}-{i}": (sum, below[i * step : (i + 1) * step]) for i in range(width)}
    assert client.get(graph, "sum-1-0") == sum(range(TASKS)) + TASKS


def test_what_follows_a_large_map_can_use_its_futures(client):
    futures = client.map(inc, range(TASKS), pure=False)
    total = client.submit(add, futures[0], futures[-1])
    assert total.result(timeout=60) == 1 + TASKS
    assert client.gather(futures) == list(range(1, TASKS + 1))


def test_a_large_map_is_released_and_submitted_again(client):
    futures = client.map(inc, range(TASKS), key="again")
    wait(futures, timeout=60)
    del futures
    futures = client.map(inc, range(TASKS), key="again")
    assert client.gather(futures) == list(range(1, TASKS + 1))
    client.cancel(futures)
    wait_for(lambda: all(future.cancelled() for future in futures), "all futures are cancelled")


def test_a_client_that_leaves_takes_its_large_graph_with_it(cluster, client):
    other = cluster.client()
    other.map(inc, range(10 * TASKS), pure=False)
    other.close()
    assert client.submit(inc, 1).result(timeout=60) == 2


def test_what_was_only_to_run_runs_though_its_client_has_left(cluster, client, tmp_path):
    other = cluster.client()
    futures = other.map(touch, [str(tmp_path / str(i % 10)) for i in range(TASKS)], pure=False)
    fire_and_forget(futures)
    other.close()
    wait_for(lambda: len(list(tmp_path.iterdir())) == 10, "the tasks have run", 60)


def touch(path):
    with open(path, "a"):
        pass
