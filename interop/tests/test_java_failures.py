"""Pipelines of Java and Python tasks whose workers die in the middle."""

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


def total(text, values):
    return text, float(np.sum(values))


def test_a_jvm_worker_killed_in_the_middle_of_a_pipeline(two_of_each, tmp_path):
    client = two_of_each.client()
    gate, started = tmp_path / "gate", tmp_path / "started"
    values = java(f"{FUNCTIONS}::scaled")(client.submit(np.ones, 1000, workers="w0"), 2, workers="j0", allow_other_workers=True)
    values.result()
    waiting = java(f"{FUNCTIONS}::between")(str(started), str(gate), "Java", workers="j0", allow_other_workers=True)
    end = client.submit(total, waiting, client.submit(np.sqrt, values, workers="w1"))
    wait_for(started.exists, "the task runs")
    first = int(started.read_text())
    assert first == two_of_each.workers["j0"].popen.pid
    two_of_each.workers["j0"].kill()
    wait_for(lambda: int(started.read_text() or 0) != first, "it runs on the other JVM worker", 60)
    gate.touch()
    assert end.result(timeout=60) == ("Java went on", pytest.approx(1000 * 2**0.5))


def test_a_python_worker_that_holds_what_java_needs_is_killed(two_of_each, tmp_path):
    client = two_of_each.client()
    gate, started = tmp_path / "gate", tmp_path / "started"
    values = client.submit(np.ones, 1000, workers="w0", allow_other_workers=True)
    values.result()
    waiting = java(f"{FUNCTIONS}::between")(str(started), str(gate), "Java")
    wait_for(started.exists, "the task runs")
    later = java(f"{FUNCTIONS}::heldBack")(waiting, values)
    two_of_each.workers["w0"].kill()
    wait_for(lambda: len(two_of_each.addresses()) == 3, "the scheduler has seen it die", 60)
    gate.touch()
    assert later.result(timeout=60) == 1000.0
