"""What a client can ask of the cluster, and have done on all of it."""

import json
import os
import pickle
import re
import sys
import warnings

import pytest
from distributed import TimeoutError, wait

from harness import JvmWorker, scheduler_command, wait_for
from tasks import inc, note, wait_for_file


def test_run_calls_a_function_on_every_worker(client, cluster):
    results = client.run(lambda: os.getpid())
    assert set(results) == set(cluster.addresses().values())
    assert len(set(results.values())) == 2


def test_run_on_one_worker_with_arguments(client, cluster):
    address = cluster.addresses()["w1"]
    assert client.run(lambda a, b=0: a + b, 1, b=2, workers=[address]) == {address: 3}


def test_run_gives_the_worker_to_who_asks(client, cluster):
    assert set(client.run(lambda dask_worker: dask_worker.name).values()) == {"w0", "w1"}


def test_run_awaits_coroutines(client):
    async def answer():
        return 42

    assert set(client.run(answer).values()) == {42}


def test_an_error_in_run_is_raised_or_returned(client):
    def fail():
        raise ValueError("in run")

    with pytest.raises(ValueError, match="in run"):
        client.run(fail)
    assert all(isinstance(e, ValueError) for e in client.run(fail, on_error="return").values())
    assert client.run(fail, on_error="ignore") == {}


def test_run_on_a_worker_that_does_not_listen_is_given_up_after_the_connect_timeout(new_cluster):
    cluster = new_cluster(workers=2, env={"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "300ms"})
    client = cluster.client()
    deaf, other = (cluster.addresses()[name] for name in ("w0", "w1"))
    client.run(lambda dask_worker: dask_worker.stop(), workers=[deaf])
    # What is open stays open, and a connection of before is used again.
    wait_for(lambda: _fails(client, deaf), "the worker does not listen any more")
    with pytest.raises(OSError, match=f"Timed out trying to connect to {deaf} after 0.3 s"):
        client.run(os.getpid)
    out = client.run(os.getpid, on_error="return")
    assert isinstance(out[deaf], OSError) and isinstance(out[other], int)
    assert set(client.run(os.getpid, on_error="ignore")) == {other}
    out = client.sync(client.scheduler.broadcast, msg={"op": "ping"}, on_error="return")
    assert isinstance(out[deaf], OSError) and out[other] == b"pong"


def _fails(client, address):
    return isinstance(client.run(os.getpid, workers=[address], on_error="return")[address], OSError)


def test_workers_are_named_in_many_ways(client, cluster):
    address = cluster.addresses()["w0"]
    host, port = address.removeprefix("tcp://").split(":")
    for named in (address, f"{host}:{port}", f"localhost:{port}", "w0"):
        assert client.nthreads([named]) == {address: 2}
        assert client.has_what([named]) == {address: ()}
        x = client.submit(inc, 1, workers=[named], pure=False)
        assert client.who_has(wait([x]).done) == {x.key: (address,)}
        [y] = client.scatter([2], workers=[named], direct=False)
        assert client.who_has([y]) == {y.key: (address,)}
        del x, y
        wait_for(lambda: not client.has_what()[address], "the worker holds nothing")
    assert list(client.run(os.getpid, workers=[f"{host}:{port}"])) == [f"{host}:{port}"]


def test_replicate_to_the_workers_of_a_host(client, cluster):
    x = client.submit(inc, 1, workers="w0")
    wait(x)
    client.replicate([x], workers=["127.0.0.1"])
    assert set(client.who_has([x])[x.key]) == set(cluster.addresses().values())
    with pytest.raises(ValueError, match="replicate"):
        client.replicate([x], workers=["nowhere"])


def test_who_has_tells_where_results_are(client, cluster):
    x = client.submit(inc, 1, workers="w1")
    wait(x)
    assert client.who_has([x]) == {x.key: (cluster.addresses()["w1"],)}
    assert client.who_has()[x.key] == (cluster.addresses()["w1"],)


def test_has_what_tells_what_workers_hold(client, cluster):
    x, y = client.submit(inc, 1, workers="w0"), client.submit(inc, 2, workers="w1")
    wait([x, y])
    addresses = cluster.addresses()
    assert client.has_what() == {addresses["w0"]: (x.key,), addresses["w1"]: (y.key,)}
    assert client.has_what(addresses["w0"]) == {addresses["w0"]: (x.key,)}


def test_nthreads_of_the_workers(client, cluster):
    expected = {address: 2 for address in cluster.addresses().values()}
    assert client.nthreads() == expected
    assert client.ncores() == expected
    one = cluster.addresses()["w0"]
    assert client.nthreads([one]) == {one: 2}


def test_nbytes_of_results(client):
    x = client.submit(lambda: b"x" * 1000)
    wait(x)
    assert client.nbytes(summary=False)[x.key] >= 1000


def test_scheduler_info_describes_scheduler_and_workers(client, cluster):
    info = client.scheduler_info()
    assert info["type"] == "Scheduler"
    assert info["address"] == cluster.address
    assert info["services"]["dashboard"] == cluster.scheduler.dashboard_port
    assert set(info["workers"]) == set(cluster.addresses().values())
    for worker in info["workers"].values():
        assert worker["type"] == "Worker" and worker["nthreads"] == 2 and worker["status"] == "running"
        assert worker["name"] in {"w0", "w1"}
        assert worker["metrics"]["memory"] > 0
    assert "processes=2 threads=4" in repr(client)


def test_the_html_of_a_client_can_be_shown(client):
    assert "Scheduler" in client._repr_html_()


def test_processing_tells_what_runs_where(client, cluster, tmp_path):
    future = client.submit(wait_for_file, tmp_path / "go", workers="w1")
    address = cluster.addresses()["w1"]
    wait_for(lambda: client.processing()[address], "the task is on its worker")
    assert client.processing() == {address: (future.key,), cluster.addresses()["w0"]: ()}
    (tmp_path / "go").touch()
    wait(future)
    wait_for(lambda: not client.processing()[address], "the task is done")


def test_call_stack_of_a_running_task(client, tmp_path):
    future = client.submit(wait_for_file, tmp_path / "go")
    wait_for(lambda: any(client.processing().values()), "the task is on a worker")
    wait_for(lambda: any("wait_for_file" in str(s) for s in client.call_stack([future]).values()), "its stack is seen")
    (tmp_path / "go").touch()
    wait(future)


def test_waiting_for_workers_that_are_there_and_that_are_not(client):
    client.wait_for_workers(2, timeout=5)
    with pytest.raises(TimeoutError):
        client.wait_for_workers(3, timeout=0.2)


def test_waiting_for_workers_that_come(new_cluster):
    cluster = new_cluster(workers=0)
    client = cluster.client()
    cluster.add_worker("first")
    client.wait_for_workers(1, timeout=30)
    assert list(client.nthreads().values()) == [2]


def test_upload_file_makes_a_module_importable_on_workers(client, tmp_path):
    (tmp_path / "uploaded_module.py").write_text("def triple(x):\n    return 3 * x\n")
    client.upload_file(str(tmp_path / "uploaded_module.py"))

    def use():
        import uploaded_module

        return uploaded_module.triple(14)

    assert set(client.run(use).values()) == {42}
    assert client.submit(use).result() == 42


def test_an_uploaded_file_reaches_workers_that_join_later(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    (tmp_path / "uploaded_later.py").write_text("value = 7\n")
    client.upload_file(str(tmp_path / "uploaded_later.py"))
    cluster.add_worker("late")
    client.wait_for_workers(2, timeout=30)

    def use():
        import uploaded_later

        return uploaded_later.value

    assert set(client.run(use).values()) == {7}


def test_versions_of_all_parts_are_known_and_fit(client, cluster):
    versions = client.get_versions(check=True)
    assert set(versions) == {"scheduler", "workers", "client"}
    assert set(versions["workers"]) == set(cluster.addresses().values())
    python = ".".join(map(str, sys.version_info[:3]))
    assert all(w["packages"]["python"].startswith(python) for w in versions["workers"].values())
    assert set(versions["scheduler"]) >= {"host", "packages"}


@pytest.mark.skipif(not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM workers")
def test_versions_of_jvm_workers_do_not_disturb_the_check(client, cluster, tmp_path):
    jvm = JvmWorker(cluster.address, "james", tmp_path / "james.log")
    try:
        client.wait_for_workers(3, timeout=60)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            versions = client.get_versions(check=True)
        program = versions["workers"][cluster.addresses()["james"]]
        assert program["packages"] == {}
        assert program["jvm"]["java"].startswith("25") and program["jvm"]["jars"]
        # A worker without Python lacks its packages, which is said, and no more.
        assert all("Mismatched versions found" in str(w.message) and "MISSING" in str(w.message) for w in caught)
        assert client.submit(inc, 1).result() == 2
    finally:
        jvm.kill()


def test_metadata_is_kept_by_the_scheduler(client):
    client.set_metadata(["a", "b"], {"x": 1})
    assert client.get_metadata(["a", "b"]) == {"x": 1}
    assert client.get_metadata("a") == {"b": {"x": 1}}
    assert client.get_metadata("absent", default=None) is None


def test_replicate_and_rebalance(client, cluster):
    x = client.submit(inc, 1, workers="w0")
    wait(x)
    client.amm.stop()
    client.replicate([x], n=2)
    assert set(client.who_has([x])[x.key]) == set(cluster.addresses().values())
    client.amm.start()
    many = [client.submit(bytes, 10_000 + i, workers="w0") for i in range(20)]
    wait(many)
    client.rebalance(many)
    assert client.gather([client.submit(len, f) for f in many]) == [10_000 + i for i in range(20)]


def test_a_worker_is_retired_and_its_results_move(new_cluster):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    futures = client.map(inc, range(10), workers=["w0"])
    wait(futures)
    gone = cluster.addresses()["w0"]
    client.retire_workers([gone])
    wait_for(lambda: set(cluster.addresses()) == {"w1"}, "the worker is gone")
    assert client.gather(futures) == list(range(1, 11))
    assert client.run(lambda: 1) == {cluster.addresses()["w1"]: 1}


def test_the_pages_of_the_dashboard_address(cluster):
    scheduler = cluster.scheduler
    assert scheduler.get("/health") == "ok"
    assert '"/metrics"' in scheduler.get("/sitemap.json")
    assert json.loads(scheduler.get("/json/counts.json"))["workers"] == 2
    assert cluster.address in scheduler.get("/json/identity.json")
    assert cluster.addresses()["w0"] in scheduler.get("/info/main/workers.html")


def test_the_metrics_follow_the_cluster(client, cluster, tmp_path):
    def tasks(state):
        return cluster.scheduler.tasks(state)

    held = client.submit(wait_for_file, tmp_path / "go")
    waiting = client.submit(str, held)
    wait_for(lambda: tasks("processing") == 1 and tasks("waiting") == 1, "one task runs and one waits for it")
    (tmp_path / "go").touch()
    wait(waiting)
    wait_for(lambda: tasks("memory") == 2, "both are in memory")
    bad = client.submit(lambda: 1 / 0)
    wait(bad)
    wait_for(lambda: tasks("erred") == 1, "one has failed")
    workers = re.findall(r'^dask_scheduler_workers{state="\w+"} (\S+)$', cluster.scheduler.get("/metrics"), re.M)
    assert sum(map(float, workers)) == 2
    assert re.search(r"^dask_scheduler_clients 2\.0$", cluster.scheduler.get("/metrics"), re.M)


def test_the_events_of_who_has_gone_go_after_a_while(new_cluster):
    delay = {"DASK_DISTRIBUTED__SCHEDULER__EVENTS_CLEANUP_DELAY": "300 ms"}
    cluster = new_cluster(workers=2, env=delay)
    gone, stays = (cluster.addresses()[name] for name in ("w0", "w1"))
    client = cluster.client()
    cluster.workers["w0"].kill()
    wait_for(lambda: len(cluster.addresses()) == 1, "the scheduler sees the worker go")
    wait_for(lambda: not client.get_events(gone), "the events of the worker are gone")
    assert client.get_events(stays)

    other = cluster.client(set_as_default=False)
    name = other.id
    assert client.get_events(name)
    other.close()
    wait_for(lambda: not client.get_events(name), "the events of the client are gone")
    assert client.get_events(client.id)


def _group_of(path, worker):
    def text(tasks):
        return sorted(str(task.key) for task in tasks)

    seen = [worker.pid, worker.name, worker.nbytes, text(worker.processing), text(worker.has_what)]
    seen += [worker.metrics["memory"] > 0, sorted(t.group.name for t in worker.has_what), worker.host]
    note(path, json.dumps(seen))
    return worker.address


def test_a_function_that_groups_workers_sees_what_they_do(cluster, client, tmp_path):
    from functools import partial

    pids = client.run(os.getpid)
    w0, w1 = (cluster.addresses()[name] for name in ("w0", "w1"))
    stored = client.submit(inc, 1, key="grouped-1", workers=[w0])
    busy = client.submit(wait_for_file, str(tmp_path / "go"), key="grouping", workers=[w1])
    wait(stored)
    wait_for(lambda: any("grouping" in keys for keys in client.processing().values()), "the other one runs")

    async def ask():
        key = pickle.dumps(partial(_group_of, str(tmp_path / "seen")))
        return await client.scheduler.workers_to_close(key=key, n=1, attribute="name")

    assert list(client.sync(ask)) == ["w0"]
    (tmp_path / "go").touch()
    wait(busy)
    seen = {row[1]: row for row in map(json.loads, (tmp_path / "seen").read_text().splitlines())}
    assert seen["w0"] == [pids[w0], "w0", 28, [], ["grouped-1"], True, ["grouped"], "127.0.0.1"]
    assert seen["w1"] == [pids[w1], "w1", 0, ["grouping"], [], True, [], "127.0.0.1"]
