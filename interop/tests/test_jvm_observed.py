"""What stock clients, and the functions behind Dask's dashboard, see of a JVM worker beside a stock one."""

import pytest
from distributed import get_task_stream, performance_report, wait
from distributed.cluster_dump import DumpArtefact
from distributed.diagnostics.task_stream import rectangles
from distributed.profile import merge, plot_data

from dask_jvm import java
from harness import scheduler_command, wait_for
from tasks import double, inc, slowinc

pytestmark = pytest.mark.skipif(
    not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM workers"
)

FUNCTIONS = "crossing.Functions"
# What a stock worker says and a JVM worker does not, and the other way round, with the reasons.
LESS = set()
MORE = {
    ("runtime",),  # tells the kinds apart
    ("metrics", "resident_memory"),  # `memory` leaves out what the JVM keeps, and would use again
}
DISKS = {("metrics", "host_disk_io"), ("metrics", "host_disk_io", "read_bps"), ("metrics", "host_disk_io", "write_bps")}
# Those of activity and by peer or task state, which depend on what has happened last.
NAMES_VARY = {("metrics", "digests_total_since_heartbeat"), ("metrics", "task_counts"), ("metrics", "bandwidth", "workers")}
NAMES_VARY |= {("metrics", "bandwidth", "types")}


@pytest.fixture(scope="module")
def cluster(both_kinds):
    return both_kinds


@pytest.fixture(scope="module")
def addresses(cluster):
    return cluster.addresses()


def shape(value, path=()):
    """The type of each value by the path of its keys; whether a number is whole does not matter."""
    found = {path: "number" if isinstance(value, (int, float)) else type(value).__name__} if path else {}
    if isinstance(value, dict) and path not in NAMES_VARY:
        for key, inner in value.items():
            found |= shape(inner, (*path, key))
    return found


def both_work(client):
    """Tasks of both kinds that need results of each other."""
    half = java(f"{FUNCTIONS}::half")
    python = client.map(inc, half.map(client.map(double, range(20), pure=False), pure=False), pure=False)
    return client.gather(half.map(client.map(double, python, pure=False), pure=False))


def test_scheduler_info_has_the_same_fields_for_both_kinds(client, addresses):
    assert both_work(client) == list(range(1, 21))

    def seen():
        workers = client.scheduler_info()["workers"]
        return all(workers[a]["metrics"]["transfer"]["incoming_count_total"] for a in addresses.values()) and workers

    workers = wait_for(seen, "heartbeats tell of the transfers")
    stock, jvm = shape(workers[addresses["w0"]]), shape(workers[addresses["jvm"]])
    assert set(stock) - set(jvm) - DISKS == LESS
    assert set(jvm) - set(stock) - DISKS == MORE
    assert {path: jvm[path] for path in jvm if path in stock} == {path: stock[path] for path in stock if path in jvm}
    described = workers[addresses["jvm"]]
    assert (described["type"], described["id"], described["nthreads"], described["status"]) == ("Worker", "jvm", 2, "running")
    assert described["memory_limit"] > 0 and described["services"]["dashboard"] > 0
    metrics = described["metrics"]
    assert metrics["memory"] >= metrics["managed_bytes"] >= 0 and metrics["num_fds"] > 0
    assert 0 < metrics["event_loop_interval"] < 10


def test_task_counts_are_of_states_that_have_tasks(client, addresses):
    futures = java(f"{FUNCTIONS}::half").map(range(0, 20, 2), pure=False)
    wait(futures)
    counts = wait_for(
        lambda: (c := client.scheduler_info()["workers"][addresses["jvm"]]["metrics"]["task_counts"]).get("memory") == 10 and c,
        "a heartbeat tells of the results",
    )
    assert counts == {"memory": 10}


def test_the_task_stream_has_java_tasks_like_pythons(client, addresses):
    with get_task_stream(client) as stream:
        values = client.map(inc, range(4), pure=False)
        wait(java(f"{FUNCTIONS}::half").map([8, 6], pure=False))
        failed = java(f"{FUNCTIONS}::half")(values[0], key="failed-half")
        wait(client.map(slowinc, values, delay=0.01) + [failed])
    by_worker = {name: [r for r in stream.data if r["worker"] == address] for name, address in addresses.items()}
    jvm = [r for r in by_worker["jvm"] if r["status"] == "OK"]
    assert len(jvm) == 2
    stock = next(r for r in by_worker["w0"] if r["status"] == "OK")
    assert set(jvm[0]) == set(stock)
    assert {name: type(jvm[0][name]) for name in stock} == {name: type(stock[name]) for name in stock}
    [compute] = [step for step in jvm[0]["startstops"] if step["action"] == "compute"]
    assert set(compute) == {"action", "start", "stop"} and compute["start"] <= compute["stop"]
    drawn = rectangles(stream.data)
    assert {"half", "inc", "slowinc"} <= set(drawn["name"])
    assert set(drawn["worker"]) == set(addresses.values())
    at = drawn["key"].index("failed-half")
    assert "black" in [drawn["color"][i] for i in range(at, len(drawn["key"])) if drawn["key"][i] == "failed-half"]


def names(tree):
    return {tree["description"]["name"]}.union(*map(names, tree["children"].values()))


def parts(tree):
    assert sum(child["count"] for child in tree["children"].values()) <= tree["count"]
    assert all(identifier == child["identifier"] for identifier, child in tree["children"].items())
    return {frozenset(tree), frozenset(tree["description"])}.union(*map(parts, tree["children"].values()))


def test_the_profile_is_a_call_tree_of_java_methods(client, addresses):
    def profiles():
        wait(java(f"{FUNCTIONS}::spin").map([0.3, 0.3], pure=False) + client.map(slowinc, range(2), delay=0.3, pure=False))
        both = [client.profile(workers=[addresses[name]]) for name in ("jvm", "w0")]
        return all(one["count"] for one in both) and both

    jvm, stock = wait_for(profiles, "the workers have taken samples", 60)
    methods = {child["description"]["name"] for child in jvm["children"].values()}
    assert "Functions.spin" in methods and not {"TaskRun.execute", "NamedCall.invoke", "Method.invoke"} & methods
    assert parts(jvm) == parts(stock)
    both = client.profile()
    assert {"Functions.spin", "slowinc"} <= names(both)
    drawn = plot_data(both, profile_interval=0.01)
    assert drawn["filename"][drawn["name"].index("Functions.spin")] == "crossing/Functions.java"
    assert merge(jvm, stock)["count"] == jvm["count"] + stock["count"]
    by_key = client.profile(key="spin")
    assert "Functions.spin" in names(by_key) and "slowinc" not in names(by_key)
    metadata = client.sync(client.scheduler.profile_metadata)
    assert {"spin", "slowinc"} <= set(metadata["keys"])
    assert sum(n for _, n in metadata["keys"]["spin"]) > 0
    assert [t for t, _ in metadata["counts"]] == [t for t, _ in metadata["keys"]["spin"]]
    assert sum(n for _, n in metadata["counts"]) >= jvm["count"] + stock["count"]


def test_a_performance_report_tells_of_java_tasks(client, addresses, tmp_path):
    with performance_report(filename=str(tmp_path / "report.html")):
        wait(java(f"{FUNCTIONS}::spin").map([0.2] * 3, pure=False) + client.map(slowinc, range(3), pure=False))
    html = (tmp_path / "report.html").read_text()
    stream = html[html.index("<h2>Task stream") : html.index("<h2>Worker profile")]
    assert "spin" in stream and "slowinc" in stream and addresses["jvm"] in html
    profile = html[html.index("<h2>Worker profile") :]
    assert "Functions.spin" in profile


def test_what_workers_have_and_do(client, addresses, tmp_path):
    assert client.ncores() == client.nthreads() == {addresses["w0"]: 2, addresses["jvm"]: 2}
    half = java(f"{FUNCTIONS}::half")
    made = half(8, pure=False)
    wait(made)
    assert made.key in client.has_what()[addresses["jvm"]]
    assert client.who_has([made]) == {made.key: (addresses["jvm"],)}
    assert client.nbytes([made.key], summary=False)[made.key] > 0
    held = java(f"{FUNCTIONS}::between")(str(tmp_path / "started"), str(tmp_path / "gate"), "held", key="held-1")
    wait_for((tmp_path / "started").exists, "the task runs")
    assert client.processing()[addresses["jvm"]] == ("held-1",)
    stacks = client.call_stack(keys=["held-1"])
    assert "crossing.Functions.between(Functions.java:" in "".join(stacks[addresses["jvm"]]["held-1"])
    (tmp_path / "gate").touch()
    assert held.result() == "held went on"


def test_logs_and_events_of_both_kinds(client, addresses):
    logs = client.get_worker_logs()
    assert set(logs) == set(addresses.values())
    assert all(level == "INFO" for level, _ in logs[addresses["jvm"]])
    assert "registered at" in "".join(text for _, text in logs[addresses["jvm"]])
    assert len(client.get_worker_logs(n=1, workers=[addresses["jvm"]])[addresses["jvm"]]) == 1
    actions = {event["action"] for _, event in client.get_events(addresses["jvm"])}
    assert "add-worker" in actions


def test_a_dump_has_the_tasks_of_both_kinds(client, addresses, tmp_path):
    java_task = java(f"{FUNCTIONS}::half")(8, key="dumped-java")
    python_task = client.submit(inc, 1, key="dumped-python")
    wait([java_task, python_task])
    client.dump_cluster_state(str(tmp_path / "dump"), write_from_scheduler=False)
    dump = DumpArtefact.from_url(str(tmp_path / "dump.msgpack.gz"))
    assert {"dumped-java", "dumped-python"} <= {task["key"] for task in dump.worker_tasks_in_state("memory")}
    assert set(dump.scheduler_story("dumped-java")) == {"dumped-java"}
    assert dump.worker_story("dumped-python") and not dump.missing_workers()
    jvm, stock = dump["workers"][addresses["jvm"]], dump["workers"][addresses["w0"]]
    shared = {"type", "id", "address", "scheduler", "status", "nthreads", "memory_limit", "task_counts", "tasks", "log", "logs"}
    assert shared <= set(jvm) and shared <= set(stock)
    assert jvm["status"] == stock["status"] == "<Status.running: 'running'>"
    assert jvm["tasks"]["dumped-java"]["nbytes"] > 0
    assert set(dump["scheduler"]["workers"][addresses["jvm"]]) >= {"address", "nthreads", "metrics", "status"}
    dump.to_yamls(root_dir=str(tmp_path / "yamls"))
    assert (tmp_path / "yamls" / "jvm").is_dir()


def test_functions_run_on_python_workers_alone(client, addresses):
    assert client.run(inc, 1) == {addresses["w0"]: 2}
    for named in ([addresses["jvm"]], list(addresses.values())):
        with pytest.raises(RuntimeError, match="runs Java tasks and has no Python; name Python workers"):
            client.run(inc, 1, workers=named)
    answers = client.run(inc, 1, workers=list(addresses.values()), on_error="return")
    assert answers[addresses["w0"]] == 2 and "has no Python" in str(answers[addresses["jvm"]])
    assert client.run(inc, 1, workers=list(addresses.values()), on_error="ignore") == {addresses["w0"]: 2}


def test_a_cluster_of_jvm_workers_alone(new_cluster, class_path):
    cluster = new_cluster()
    client = cluster.client()
    assert client.run(inc, 1) == {}, "nothing, as with Dask"
    cluster.add_jvm_worker("alone", class_path=class_path)
    client.wait_for_workers(1, timeout=60)
    with pytest.raises(RuntimeError, match="no Python worker"):
        client.run(inc, 1)
    with pytest.raises(RuntimeError, match="Python worker"):
        client.benchmark_hardware()
    [versions] = client.get_versions()["workers"].values()
    assert versions["host"]["OS"] == "Linux" and versions["jvm"]["java"]
    assert java(f"{FUNCTIONS}::half")(4).result() == 2
