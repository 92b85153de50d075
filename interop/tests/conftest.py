"""Fixtures: see harness.py for what a cluster is."""

import os
import sys
from pathlib import Path

os.environ["DASK_DATAFRAME__QUERY_PLANNING"] = "False"  # Debian's Dask has the legacy dataframe
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parent.parent.parent / "python"))

import pytest

import java_classes
from harness import Cluster, wait_for

_open_clusters = []


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers of two threads, shared by the module: for tests that break nothing."""
    c = _recorded(Cluster(tmp_path_factory.mktemp("shared"), workers=2))
    yield c
    _end(c)


@pytest.fixture(scope="session")
def class_path(tmp_path_factory):
    """Has the Java classes that tests call."""
    return java_classes.compile_into(tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="session")
def both_kinds(tmp_path_factory, class_path):
    """A Python and a JVM worker: for tests that break nothing."""
    c = _recorded(Cluster(tmp_path_factory.mktemp("both"), workers=1))
    c.add_jvm_worker("jvm", nthreads=2, class_path=class_path)
    c.observer.wait_for_workers(2, timeout=60)
    yield c
    _end(c)


@pytest.fixture
def client(cluster):
    """A client of the shared cluster. When it leaves, the scheduler must know no task any more."""
    known = cluster.known_tasks()
    client = cluster.client()
    yield client
    client.close()
    wait_for(lambda: cluster.known_tasks() <= known, "the tasks of a client that left are forgotten")


@pytest.fixture
def new_cluster(tmp_path):
    """Make a cluster of one's own: for tests that kill, or that need other settings."""
    made = []

    def make(**arguments):
        made.append(_recorded(Cluster(tmp_path / f"cluster{len(made)}", **arguments)))
        return made[-1]

    yield make
    for c in made:
        _end(c)


def _recorded(cluster):
    _open_clusters.append(cluster)
    return cluster


def _end(cluster):
    cluster.close()
    _open_clusters.remove(cluster)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With a failure, show the end of what the processes of its cluster printed."""
    report = (yield).get_result()
    if not report.failed:
        return
    for cluster in _open_clusters[-1:]:
        for process in [cluster.scheduler, *cluster.workers.values()]:
            end = "\n".join(process.output().splitlines()[-40:])
            report.sections.append((f"{process.log.name}{'' if process.running else ' (ended)'}", end))
