"""Work stealing between stock workers, seen from a client."""

from distributed import wait

from harness import wait_for
from tasks import wait_for_file


def test_an_idle_worker_takes_what_waits_at_a_busy_one(new_cluster, tmp_path):
    cluster = new_cluster(workers=2, nthreads=1)
    client = cluster.client()
    gate = tmp_path / "gate"
    futures = [
        client.submit(wait_for_file, gate, i, workers=["w0"], allow_other_workers=True, key=f"held-{i}", priority=-i)
        for i in range(4)
    ]
    w0, w1 = cluster.addresses()["w0"], cluster.addresses()["w1"]
    wait_for(lambda: client.processing()[w1], "a task that would rather run on w0 is stolen by w1")
    topics = [event[1] for event in client.get_events("stealing")]
    assert topics[0][0] == "request"
    moved = [event for event in topics if event[0] == "confirm"]
    assert moved and all(list(event[3:5]) == [w0, w1] for event in moved)
    gate.touch()
    assert client.gather(futures) == [0, 1, 2, 3]


def test_a_task_that_may_run_on_one_worker_only_stays_there(new_cluster, tmp_path):
    cluster = new_cluster(workers=2, nthreads=1)
    client = cluster.client()
    gate = tmp_path / "gate"
    strict = [client.submit(wait_for_file, gate, i, workers=["w0"], key=f"strict-{i}") for i in range(3)]
    loose = [
        client.submit(wait_for_file, gate, i, workers=["w0"], allow_other_workers=True, key=f"loose-{i}")
        for i in range(3)
    ]
    w0, w1 = cluster.addresses()["w0"], cluster.addresses()["w1"]
    wait_for(lambda: client.processing()[w1], "a task that may run elsewhere is stolen")
    assert {key for key in client.processing()[w0] if "strict" in key} == {f.key for f in strict}
    gate.touch()
    wait(strict + loose)
    assert all(list(workers) == [w0] for workers in client.who_has(strict).values())
