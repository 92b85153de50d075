"""Workers and clients that die, and a cluster that goes on."""

import os
import signal
import subprocess
import sys
import time

import dask.array as da
import pytest
from distributed import CancelledError, KilledWorker, wait

from harness import HERE, wait_for
from tasks import add, double, inc, kill_own_worker, note, slowadd, slowinc, wait_for_file


def test_a_worker_killed_in_the_middle_of_a_computation_leaves_the_result_right(new_cluster):
    cluster = new_cluster(workers=3, nthreads=1)
    client = cluster.client()
    first = client.map(slowinc, range(60), delay=0.03)
    second = client.map(double, first)
    total = client.submit(sum, second)
    wait_for(lambda: sum(f.done() for f in first) > 20, "a third of it is done")
    cluster.workers["w1"].kill()
    assert total.result(timeout=40) == 2 * sum(range(1, 61))
    assert client.gather(first) == list(range(1, 61))
    assert set(cluster.addresses()) == {"w0", "w2"}


def test_what_a_killed_worker_held_is_computed_again(new_cluster, tmp_path):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    lost = client.submit(note, tmp_path / "log", "computed", workers=["w0"], allow_other_workers=True)
    kept = client.submit(inc, 1, workers=["w1"])
    wait([lost, kept])
    cluster.workers["w0"].kill()
    assert client.submit(add, lost, "!").result(timeout=20) == "computed!"
    assert (tmp_path / "log").read_text() == "computed\n" * 2
    assert kept.result() == 2


def test_a_whole_chain_is_computed_again_where_intermediate_results_are_gone(new_cluster):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    x = client.persist(da.random.default_rng(1).random((400, 400), chunks=(100, 100)))
    y = client.persist((x + x.T).sum(axis=0))
    wait(y)
    before = y.compute()
    del x
    cluster.workers["w0"].kill()
    assert (y.compute() == before).all()


def test_a_copy_elsewhere_saves_the_work(new_cluster, tmp_path):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    x = client.submit(note, tmp_path / "log", "computed")
    wait(x)
    client.amm.stop()
    client.replicate([x])
    cluster.workers["w0"].kill()
    wait_for(lambda: set(cluster.addresses()) == {"w1"}, "the loss is noticed")
    assert x.result() == "computed"
    assert (tmp_path / "log").read_text() == "computed\n"


def test_scattered_data_that_is_lost_can_not_be_had(new_cluster):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    x = client.scatter("precious", workers=[cluster.addresses()["w0"]])
    cluster.workers["w0"].kill()
    wait_for(lambda: x.status in ("lost", "cancelled"), "the future knows")
    with pytest.raises(CancelledError):
        client.submit(inc, x).result(timeout=10)
    assert client.submit(inc, 1).result() == 2


def test_when_the_only_worker_dies_work_waits_for_the_next(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    futures = client.map(slowinc, range(20), delay=0.05)
    total = client.submit(sum, futures)
    wait_for(lambda: sum(f.done() for f in futures) > 3, "it has begun")
    cluster.workers["w0"].kill()
    wait_for(lambda: not cluster.addresses(), "the loss is noticed")
    cluster.add_worker("next")
    assert total.result(timeout=30) == sum(range(1, 21))


def test_a_nanny_starts_a_killed_worker_anew(new_cluster):
    cluster = new_cluster(workers=1, nanny=True)
    client = cluster.client()
    [pid] = client.run(os.getpid).values()
    x = client.submit(inc, 1)
    wait(x)
    os.kill(pid, signal.SIGKILL)
    assert x.result(timeout=30) == 2
    wait_for(lambda: [p for p in client.run(os.getpid, on_error="ignore").values() if p != pid], "there is a new process")
    assert client.submit(inc, x).result() == 3


def test_a_task_that_kills_its_worker_again_and_again_is_given_up(new_cluster):
    cluster = new_cluster(workers=2, nthreads=1, nanny=True, env={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"})
    client = cluster.client()
    bystander = client.submit(slowinc, 1, delay=0.5, key="bystander")
    killer = client.submit(kill_own_worker, key="killer-task")
    child = client.submit(inc, killer)
    with pytest.raises(KilledWorker, match="killer-task") as info:
        killer.result(timeout=40)
    assert info.value.task == "killer-task"
    assert info.value.allowed_failures == 1
    assert info.value.last_worker.address.startswith("tcp://127.0.0.1:")
    with pytest.raises(KilledWorker):
        child.result(timeout=5)
    assert client.gather(client.map(inc, range(10))) == list(range(1, 11))
    assert bystander.result(timeout=20) == 2


def test_how_many_workers_a_task_may_kill_is_an_option_of_the_scheduler(new_cluster):
    cluster = new_cluster(workers=1, env={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"})
    client = cluster.client()
    with pytest.raises(KilledWorker):
        client.submit(kill_own_worker).result(timeout=20)


def test_restart_gives_new_processes_and_forgets_all_work(new_cluster, tmp_path):
    cluster = new_cluster(workers=2, nanny=True)
    client = cluster.client()
    before = set(client.run(os.getpid).values())
    done, running = client.submit(inc, 1), client.submit(wait_for_file, tmp_path / "never")
    wait(done)
    client.restart(timeout=40)
    assert done.cancelled() and running.cancelled()
    after = set(client.run(os.getpid).values())
    assert len(after) == 2 and not before & after
    assert not cluster.known_tasks()
    assert client.gather(client.map(inc, range(10))) == list(range(1, 11))


def test_restart_of_chosen_workers(new_cluster):
    cluster = new_cluster(workers=2, nanny=True)
    client = cluster.client()
    before = client.run(lambda dask_worker: (dask_worker.name, os.getpid())).values()
    client.restart_workers([cluster.addresses()["w0"]], timeout=40)
    after = dict(client.run(lambda dask_worker: (dask_worker.name, os.getpid())).values())
    assert after["w0"] != dict(before)["w0"] and after["w1"] == dict(before)["w1"]


VANISHING_CLIENT = """
import sys, time
from distributed import Client, wait
from tasks import inc, wait_for_file
client = Client(sys.argv[1])
shared = client.submit(inc, 1, key="shared")
own = client.submit(inc, 2, key="own")
wait([shared, own])
running = client.submit(wait_for_file, sys.argv[2], key="own-and-running")
waiting = client.submit(inc, running, key="own-and-waiting")
never = client.submit(inc, 5, key="own-and-unrunnable", resources={"NOBODY": 1})
print("ready", flush=True)
time.sleep(100)
"""


def test_what_only_a_vanished_client_wanted_is_released(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    mine = client.submit(inc, 1, key="shared")
    other = subprocess.Popen(
        [sys.executable, "-c", VANISHING_CLIENT, cluster.address, tmp_path / "go"],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(HERE)},
    )
    assert other.stdout.readline() == b"ready\n"
    keys = {"shared", "own", "own-and-running", "own-and-waiting", "own-and-unrunnable"}
    wait_for(lambda: cluster.known_tasks() == keys, "all of it is known")
    other.kill()
    other.wait()
    wait_for(lambda: cluster.known_tasks() == {"shared"}, "only what is wanted is left")
    (tmp_path / "go").touch()
    assert mine.result() == 2
    assert client.submit(inc, 2).result() == 3


def test_a_client_that_vanishes_in_the_middle_of_its_graph(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    program = (
        "import sys; from distributed import Client; from tasks import slowinc\n"
        "client = Client(sys.argv[1]); futures = client.map(slowinc, range(2000), delay=0.01)\n"
        "futures[10].result(); print('ready', flush=True); client.gather(futures)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, cluster.address],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(HERE)},
    )
    assert other.stdout.readline() == b"ready\n"
    other.kill()
    other.wait()
    wait_for(lambda: not cluster.known_tasks(), "all of it is forgotten")
    client = cluster.client()
    assert client.submit(inc, 1).result() == 2


def test_a_worker_that_is_stopped_politely_leaves_nothing_undone(new_cluster):
    cluster = new_cluster(workers=2, nthreads=1)
    client = cluster.client()
    futures = client.map(slowinc, range(40), delay=0.03)
    wait_for(lambda: sum(f.done() for f in futures) > 10, "it has begun")
    os.kill(cluster.workers["w0"].popen.pid, signal.SIGTERM)
    assert client.gather(futures) == list(range(1, 41))
    wait_for(lambda: set(cluster.addresses()) == {"w1"}, "the worker is gone")


def test_a_worker_with_a_name_that_is_taken_is_refused(new_cluster):
    cluster = new_cluster(workers=1)
    first = cluster.workers["w0"]
    second = cluster.add_worker("w0")
    cluster.workers["second"] = first
    wait_for(lambda: not second.running, "the second gives up", seconds=40)
    assert "name taken" in second.output()
    assert first.running
    assert cluster.client().submit(inc, 1).result() == 2


def test_workers_come_and_go_while_work_is_done(new_cluster):
    cluster = new_cluster(workers=2, nthreads=1)
    client = cluster.client()
    layer = client.map(slowinc, range(64), delay=0.04)
    while len(layer) > 1:
        layer = client.map(slowadd, layer[::2], layer[1::2], delay=0.04)
    cluster.add_worker("w2", nthreads=1)
    client.wait_for_workers(3, timeout=30)
    cluster.workers["w0"].kill()
    cluster.add_worker("w3", nthreads=1)
    client.wait_for_workers(3, timeout=30)
    cluster.workers["w1"].kill()
    assert layer[0].result(timeout=30) == sum(range(1, 65))


def test_a_client_whose_scheduler_is_gone_says_so(new_cluster):
    cluster = new_cluster(workers=1, env={"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"})
    client = cluster.client(timeout="2s")
    future = client.submit(slowinc, 1, delay=10)
    time.sleep(0.1)
    cluster.scheduler.kill()
    with pytest.raises(CancelledError):
        future.result(timeout=20)
