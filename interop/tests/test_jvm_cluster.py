"""JvmCluster of the package dask_jvm: our scheduler with workers of both kinds, made and scaled from Python."""

import os
import subprocess
import sys

import pytest
from distributed import Client
from distributed.core import Status

from dask_jvm import JvmCluster, java
from harness import PYTHONPATH, dask_jvm, wait_for
from tasks import inc, slowinc

@pytest.fixture
def jvm_cluster():
    made = []

    def make(**arguments):
        made.append(JvmCluster(command=dask_jvm(), nanny=False, **arguments))
        return made[-1]

    yield make
    for cluster in made:
        cluster.close()


def kinds(cluster):
    """How many workers of each kind the cluster hears of from the scheduler."""
    names = [info["name"].split("-")[0] for info in cluster.scheduler_info["workers"].values()]
    return {kind: names.count(kind) for kind in set(names)}


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_both_kinds_work_and_are_scaled(jvm_cluster, class_path):
    cluster = jvm_cluster(class_path=class_path)
    with Client(cluster) as client:
        wait_for(lambda: kinds(cluster) == {"python": 1, "jvm": 1}, "both are there", 60)
        assert java("crossing.Fn")([client.submit(inc, 1), 4]).result() == 3.0
        cluster.scale(4)
        wait_for(lambda: kinds(cluster) == {"python": 2, "jvm": 2}, "four workers are there, of both kinds alike", 60)
        kept = client.map(inc, range(20)) + java("java.lang.Math::abs").map(range(-20, 0))
        client.gather(kept)
        cluster.scale(python=1, jvm=1)
        wait_for(lambda: kinds(cluster) == {"python": 1, "jvm": 1}, "two are there", 60)
        assert sum(client.gather(kept)) == 420, "what the others held has moved"
        with pytest.raises(TypeError, match="either n or python= and jvm="):
            cluster.scale(2, jvm=1)
        shown = cluster._repr_html_()
        assert cluster.scheduler_address in shown and cluster.dashboard_link in shown
        assert cluster.dashboard_link.startswith("http://127.0.0.1:") and "Workers" in shown
        assert {"Cluster", "Scheduler"} < cluster.get_logs().keys() and len(cluster.get_logs()) == 4
        processes = [cluster.scheduler, *cluster.workers.values()]
        pids = [process.process.pid for process in processes]
        folder = cluster._folder.name
    cluster.close()
    assert cluster.status == Status.closed
    assert not [pid for pid in pids if is_running(pid)] and not os.path.exists(folder)


def test_adapt_brings_workers_for_work_and_takes_them_away(jvm_cluster):
    cluster = jvm_cluster(python=0, jvm=0)
    cluster.adapt(minimum=0, maximum=2, interval="100 ms", wait_count=3, target_duration="200 ms")
    with Client(cluster) as client:
        python = client.map(slowinc, range(40), delay=0.05)
        jvm = java("java.lang.Math::abs").map(range(-40, 0))
        assert sum(client.gather(python)) == 820
        assert sum(client.gather(jvm)) == 820
        del python, jvm
        wait_for(lambda: not cluster.scheduler_info["workers"], "without work there are none", 60)


SCRIPT = """
import sys
from distributed import Client
from dask_jvm import JvmCluster, java

if __name__ == "__main__":
    cluster = JvmCluster(python=0, jvm=1, command=sys.argv[1])
    client = Client(cluster)
    print(java("java.lang.Math::abs")(-3).result())
    print(*[process.process.pid for process in (cluster.scheduler, *cluster.workers.values())])
"""


def test_the_end_of_the_program_ends_its_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), dask_jvm()]
    environment = os.environ | {"PYTHONPATH": PYTHONPATH}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    result, pids = said.stdout.splitlines()
    assert result == "3"
    assert len(pids.split()) == 2 and not [pid for pid in pids.split() if is_running(pid)]


def test_what_can_not_start_says_why(jvm_cluster):
    with pytest.raises(FileNotFoundError, match="the launcher /nowhere/dask-jvm is not there"):
        JvmCluster(command="/nowhere/dask-jvm")
    with pytest.raises(RuntimeError, match="--nonsense"):
        jvm_cluster(python=0, jvm=0, scheduler_options=["--nonsense"])
