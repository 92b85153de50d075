"""Work for which there is no worker: what waits, as what, and for how long."""

import json

import pytest
from distributed.scheduler import NoValidWorkerError, NoWorkerError

from harness import wait_for
from tasks import add, inc, wait_for_file

TIMEOUT = {"DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT": "300ms"}


def exceeded(client):
    """The keys that events say have waited too long."""
    said = [event for _, event in client.get_events("scheduler") if event.get("action") == "no-workers-timeout-exceeded"]
    return {key for event in said for key in event["keys"]}


def latest_state(client, key):
    return [row[3] for row in client.story(key) if row[0] == "scheduler" and row[1] == key][-1]


def test_what_any_worker_could_do_is_queued_while_there_is_none(new_cluster, tmp_path):
    cluster = new_cluster(workers=1, nthreads=1)
    client = cluster.client()
    free = client.map(wait_for_file, [tmp_path / "go"] * 4, range(4))
    bound = client.submit(inc, 1, resources={"R": 1}, key="bound")
    dependent = client.submit(sum, free)
    wait_for(lambda: cluster.scheduler.tasks("processing") > 0, "it has begun")
    cluster.workers["w0"].kill()
    wait_for(lambda: not cluster.addresses(), "the loss is noticed")
    expected = {"queued": 4, "no-worker": 1, "waiting": 1, "processing": 0}
    wait_for(lambda: {state: cluster.scheduler.tasks(state) for state in expected} == expected, "they wait as they should")
    assert json.loads(cluster.scheduler.get("/json/counts.json"))["unrunnable"] == 1
    assert latest_state(client, free[0].key) == "queued"
    assert latest_state(client, bound.key) == "no-worker"
    (tmp_path / "go").touch()
    cluster.add_worker("next", nthreads=1)
    assert dependent.result(timeout=30) == sum(range(4))
    cluster.add_worker("able", options=["--resources", "R=1"])
    assert bound.result(timeout=30) == 2


def test_work_that_waits_too_long_for_any_worker_fails(new_cluster, tmp_path):
    cluster = new_cluster(workers=1, nthreads=1, env=TIMEOUT)
    client = cluster.client()
    futures = client.map(wait_for_file, [tmp_path / "never"] * 3, range(3))
    dependent = client.submit(sum, futures)
    wait_for(lambda: cluster.scheduler.tasks("processing") > 0, "it has begun")
    cluster.workers["w0"].kill()
    for future in futures:
        with pytest.raises(NoWorkerError, match="without any running workers") as info:
            future.result(timeout=20)
        assert info.value.task == future.key
        assert info.value.timeout == 0.3
    with pytest.raises(NoWorkerError):
        dependent.result(timeout=20)
    assert exceeded(client) == {future.key for future in futures}


def test_a_graph_that_waits_too_long_for_any_worker_fails(new_cluster):
    cluster = new_cluster(env=TIMEOUT)
    client = cluster.client()
    first = client.submit(inc, 1)
    second = client.submit(inc, first)
    with pytest.raises(NoWorkerError) as info:
        first.result(timeout=20)
    assert info.value.task == first.key
    with pytest.raises(NoWorkerError):
        second.result(timeout=20)
    cluster.add_worker("w0")
    client.wait_for_workers(1, timeout=30)
    assert client.submit(inc, 2).result(timeout=30) == 3


def test_work_that_waits_too_long_for_a_worker_of_its_kind_fails(new_cluster, tmp_path):
    cluster = new_cluster(workers=1, env=TIMEOUT)
    client = cluster.client()
    held = client.submit(wait_for_file, tmp_path / "go", 1)
    here = client.submit(inc, 1)
    elsewhere = client.submit(inc, 2, workers=["tcp://127.0.0.1:9", "nobody"])
    greedy = client.submit(inc, 3, resources={"R": 2})
    with pytest.raises(NoValidWorkerError) as info:
        elsewhere.result(timeout=20)
    assert info.value.worker_restrictions == {"tcp://127.0.0.1:9"}
    assert info.value.host_restrictions == {"nobody"}
    assert info.value.resource_restrictions == {}
    with pytest.raises(NoValidWorkerError, match=r"resource_restrictions={'R': 2") as info:
        greedy.result(timeout=20)
    assert info.value.worker_restrictions == info.value.host_restrictions == set()
    assert exceeded(client) == {elsewhere.key, greedy.key}
    (tmp_path / "go").touch()
    assert client.submit(add, held, here).result(timeout=20) == 3
