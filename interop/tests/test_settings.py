"""Settings of Dask's that decide what the scheduler does, seen from a client."""

import pytest
from distributed import wait

from harness import wait_for
from tasks import inc, wait_for_file

SCHEDULER = "DASK_DISTRIBUTED__SCHEDULER__"


def held(new_cluster, tmp_path, env, tasks=10):
    """A client of a worker of one thread, which holds the first of so many tasks; the rest of them wait."""
    cluster = new_cluster(workers=1, nthreads=1, env=env)
    client = cluster.client()
    client.futures_held = client.map(wait_for_file, [tmp_path / "go"] * tasks, range(tasks))
    counts = lambda: {state: cluster.scheduler.tasks(state) for state in ("queued", "processing")}
    wait_for(lambda: sum(counts().values()) == tasks, "all tasks are known")
    return client, counts


@pytest.mark.parametrize("setting", ["ROOTISH_TASKGROUP", "ROOTISH_TASKGROUP_DEPENDENCIES"])
def test_what_has_as_many_inputs_as_is_said_is_no_root_task(new_cluster, tmp_path, setting):
    client, counts = held(new_cluster, tmp_path, {SCHEDULER + setting: "0"})
    assert counts() == {"queued": 0, "processing": 10}
    (tmp_path / "go").touch()
    assert client.gather(client.futures_held) == list(range(10))


def test_root_tasks_wait_for_a_thread(new_cluster, tmp_path):
    client, counts = held(new_cluster, tmp_path, {SCHEDULER + "WORKER_SATURATION": "3"})
    assert counts() == {"queued": 7, "processing": 3}
    (tmp_path / "go").touch()
    assert client.gather(client.futures_held) == list(range(10))


@pytest.mark.parametrize("setting", ["UNKNOWN_TASK_DURATION", "DEFAULT_TASK_DURATIONS__WAIT_FOR_FILE"])
def test_expected_durations_decide_how_many_workers_are_wanted(new_cluster, tmp_path, setting):
    client, _ = held(new_cluster, tmp_path, {SCHEDULER + setting: "60s"})
    assert client.sync(client.scheduler.adaptive_target, target_duration="5s") == 10
    (tmp_path / "go").touch()
    wait(client.futures_held)


@pytest.mark.parametrize("setting", ["ADMIN__LOW_LEVEL_LOG_LENGTH", "SCHEDULER__TRANSITION_LOG_LENGTH"])
def test_stories_are_as_long_as_the_log(new_cluster, setting):
    cluster = new_cluster(workers=1, env={"DASK_DISTRIBUTED__" + setting: "4"})
    client = cluster.client()
    futures = client.map(inc, range(10))
    wait(futures)
    keys = [future.key for future in futures]
    assert len([row for row in client.story(*keys) if row[0] == "scheduler"]) == 4


def test_the_memory_manager_does_not_start_where_it_should_not(new_cluster):
    cluster = new_cluster(env={SCHEDULER + "ACTIVE_MEMORY_MANAGER__START": "False"})
    assert not cluster.client().amm.running()
