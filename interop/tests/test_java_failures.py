"""Pipelines of Java and Python tasks whose workers die in the middle."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from dask_jvm import java
from harness import wait_for

FUNCTIONS = "crossing.Functions"


@pytest.fixture
def two_of_each(new_cluster, class_path):
    cluster = new_cluster(workers=2, nthreads=1)
    for name in ("j0", "j1"):
        cluster.add_jvm_worker(name, class_path=class_path)
    cluster.observer.wait_for_workers(4, timeout=60)
    return cluster


def combined(text, values):
    return text, float(np.sum(values))


def held(started, gate, values):
    """Says by a file that it runs, and waits for another."""
    Path(started).write_text(str(os.getpid()))
    while not Path(gate).exists():
        time.sleep(0.01)
    return values


def runs_in(started, process):
    return started.exists() and started.read_text() == str(process.popen.pid)


def test_a_jvm_worker_killed_in_the_middle_of_a_pipeline(two_of_each, tmp_path):
    client, addresses, workers = two_of_each.client(), two_of_each.addresses(), two_of_each.workers
    gate, started = tmp_path / "gate", tmp_path / "started"
    ones = client.submit(np.ones, 1000, workers="w0")
    values = java(f"{FUNCTIONS}::scaled")(ones, 2, workers="j0", allow_other_workers=True)
    values.result()
    del ones
    waiting = java(f"{FUNCTIONS}::between")(str(started), str(gate), "Java", workers="j0", allow_other_workers=True)
    end = client.submit(combined, waiting, values)
    wait_for(lambda: runs_in(started, workers["j0"]), "the task runs on the first JVM worker", 60)
    assert client.who_has([values]) == {values.key: (addresses["j0"],)}
    workers["j0"].kill()
    wait_for(lambda: runs_in(started, workers["j1"]), "it runs on the other JVM worker", 60)
    gate.touch()
    assert end.result(timeout=60) == ("Java went on", 2000.0), "with what was lost made again, of Python's result made again"
    assert addresses["j1"] in client.who_has([values])[values.key]


def test_a_python_worker_killed_while_it_runs_what_is_between_java_tasks(two_of_each, tmp_path):
    client, workers = two_of_each.client(), two_of_each.workers
    gate, started = tmp_path / "gate", tmp_path / "started"
    before = java(f"{FUNCTIONS}::scaled")(np.ones(1000), 2)
    between = client.submit(held, str(started), str(gate), before, workers="w0", allow_other_workers=True)
    after = java(f"{FUNCTIONS}::scaled")(between, 3)
    wait_for(lambda: runs_in(started, workers["w0"]), "the task runs on the first Python worker", 60)
    workers["w0"].kill()
    wait_for(lambda: runs_in(started, workers["w1"]), "it runs on the other Python worker", 60)
    gate.touch()
    assert after.result(timeout=60).tolist() == [6.0] * 1000


def test_a_python_worker_that_holds_what_java_needs_is_killed(two_of_each, tmp_path):
    client, addresses = two_of_each.client(), two_of_each.addresses()
    gate, started = tmp_path / "gate", tmp_path / "started"
    values = client.submit(np.ones, 1000, workers="w0", allow_other_workers=True)
    values.result()
    waiting = java(f"{FUNCTIONS}::between")(str(started), str(gate), "Java")
    wait_for(started.exists, "the task runs")
    later = java(f"{FUNCTIONS}::heldBack")(waiting, values)
    assert client.who_has([values]) == {values.key: (addresses["w0"],)}
    two_of_each.workers["w0"].kill()
    wait_for(lambda: len(two_of_each.addresses()) == 3, "the scheduler has seen it die", 60)
    gate.touch()
    assert later.result(timeout=60) == 1000.0
    assert addresses["w1"] in client.who_has([values])[values.key], "it was made again"
