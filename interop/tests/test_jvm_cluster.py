"""JvmCluster of the package dask_jvm: our scheduler with workers of both kinds, made and scaled from Python."""

import asyncio
import html.parser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from distributed import Client
from distributed.core import Status

from dask_jvm import JvmCluster, java
from harness import PYTHONPATH, dask_jvm, wait_for
from tasks import inc, slowinc
from test_tls import make_certificates, security_of


@pytest.fixture
def jvm_cluster():
    made = []

    def make(**arguments):
        made.append(JvmCluster(**{"command": dask_jvm(), "nanny": False} | arguments))
        return made[-1]

    yield make
    for cluster in made:
        cluster.close()


@pytest.fixture(scope="module")
def shared(class_path):
    """One of each kind, which tests leave as they found it."""
    cluster = JvmCluster(
        command=dask_jvm(), nanny=False, class_path=class_path, name="shown & named", memory_limit="1 GB", threads_per_worker=2
    )
    wait_for(lambda: kinds(cluster) == {"python": 1, "jvm": 1}, "both are there", 60)
    yield cluster
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


def test_both_kinds_work_and_are_scaled(shared):
    cluster = shared
    with Client(cluster) as client:
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
        assert {"Cluster", "Scheduler"} < cluster.get_logs().keys() and len(cluster.get_logs()) == 4


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


def test_adapt_brings_the_kind_that_tasks_wait_for(jvm_cluster):
    cluster = jvm_cluster(python=0, jvm=0)
    cluster.adapt(minimum=0, maximum=2, interval="100 ms", wait_count=1000)
    with Client(cluster) as client:
        assert java("java.lang.Math::abs")(-3).result(timeout=60) == 3
        assert kinds(cluster) == {"jvm": 1}, "a Python worker would be the first, but for what waits"
        assert client.submit(inc, 1).result(timeout=60) == 2
        assert kinds(cluster) == {"python": 1, "jvm": 1}


def test_adapt_keeps_to_its_bounds_with_jvm_workers_alone(jvm_cluster):
    cluster = jvm_cluster(python=0, jvm=0)
    with pytest.raises(ValueError, match="must have been made with a memory_limit"):
        cluster.scale(memory="2 GB")
    cluster.scale(jvm=1)
    cluster.adapt(minimum=1, maximum=2, interval="100 ms", wait_count=3, target_duration="200 ms")
    with Client(cluster) as client:
        sleeping = java("java.lang.Thread::sleep").map([100] * 60, pure=False)
        wait_for(lambda: kinds(cluster) == {"jvm": 2}, "there is work for two", 60)
        client.gather(sleeping)
        del sleeping
        wait_for(lambda: kinds(cluster) == {"jvm": 1}, "without work there is one", 60)


def test_a_cluster_without_workers_comes_back(shared):
    cluster = shared
    with Client(cluster) as client:
        cluster.scale(0)
        wait_for(lambda: not kinds(cluster), "there are none", 60)
        waiting = [client.submit(inc, 1), java("java.lang.Math::abs")(-2)]
        cluster.scale(2)
        assert client.gather(waiting) == [2, 2]
        assert kinds(cluster) == {"python": 1, "jvm": 1}
        cluster.scale(memory="2 GB")
        assert cluster.counts() == {"python": 1, "jvm": 1}


class Text(html.parser.HTMLParser):
    """What a person reads of a page, and where its links lead."""

    def __init__(self, page):
        super().__init__()
        self.words, self.links, self.open = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in ("br", "img", "hr", "path", "rect", "line", "input"):
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "each element ends where it should"

    def handle_data(self, data):
        self.words += data.split()


def test_a_notebook_shows_what_there_is(shared):
    cluster = shared
    assert repr(cluster) == (
        f"shown & named(shown & named, '{cluster.scheduler_address}', workers=2, threads=4, memory=1.86 GiB)"
    )
    shown = Text(cluster._repr_html_())
    assert not shown.open
    text = " ".join(shown.words)
    assert text.startswith("JvmCluster shown & named ")
    assert cluster.dashboard_link in shown.links and re.match(r"http://127\.0\.0\.1:\d+/status$", cluster.dashboard_link)
    assert f"Comm: {cluster.scheduler_address}" in text
    for what in ("Workers: 2", "Total threads: 4", "Total memory: 1.86 GiB", "Worker: python-", "Worker: jvm-"):
        assert what in text
    for info in cluster.scheduler_info["workers"].values():
        assert info["name"] in text and info["local_directory"] in text and "Memory: 0.93 GiB" in text
    with Client(cluster) as client:
        assert cluster.scheduler_address in " ".join(Text(client._repr_html_()).words)
    assert "workers=2, threads=4" in str(cluster)


def test_it_speaks_tls(jvm_cluster, tmp_path):
    certificates = make_certificates(tmp_path / "certificates")
    security = security_of(certificates)
    security.tls_ca_file, security.tls_worker_cert, security.tls_worker_key = (
        (certificates / name).read_text() for name in ("ca.pem", "cert.pem", "key.pem")
    )
    cluster = jvm_cluster(security=security)
    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=60)
        addresses = [cluster.scheduler_address, *cluster.scheduler_info["workers"]]
        assert len(addresses) == 3 and all(address.startswith("tls://") for address in addresses)
        assert client.submit(inc, java("java.lang.Math::abs")(-3)).result() == 4
    with pytest.raises(TypeError, match="security must be a Security object, or True"):
        JvmCluster(command=dask_jvm(), security="certificates")
    security.tls_worker_cert = None
    with pytest.raises(ValueError, match="security has no tls-cert for the worker"):
        JvmCluster(command=dask_jvm(), security=security)


def session_of(pid):
    """The session that a process belongs to; it began with the process of that number."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[3])
    except (FileNotFoundError, ProcessLookupError):
        return None


def processes_of(sessions):
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return {pid for pid in pids if session_of(pid) in sessions and is_running(pid)}


def test_closing_leaves_no_process_behind():
    async def use():
        async with JvmCluster(command=dask_jvm(), asynchronous=True) as cluster:
            async with Client(cluster, asynchronous=True) as client:
                await client.wait_for_workers(2, timeout=60)
                assert await client.submit(inc, java("java.lang.Math::abs")(-3, client=client)) == 4
                sessions = {process.process.pid for process in [cluster.scheduler, *cluster.workers.values()]}
                assert len(processes_of(sessions)) >= 5, "scheduler, two nannies, their two workers"
                folder = cluster._folder.name
                assert os.path.exists(folder)
        assert cluster.status == Status.closed and not os.path.exists(folder)
        return sessions

    assert not processes_of(asyncio.run(use()))


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
