"""Traces of graphs of stock clients and workers, as an OTLP receiver gets them. Dask's own scheduler has none."""

import signal

import dask
import pytest
from distributed import span, wait

from harness import scheduler_command, wait_for
from otlp import Receiver
from tasks import add, div, inc

pytestmark = pytest.mark.skipif(not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler sends no traces")


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def traced(new_cluster, receiver):
    def make(**variables):
        variables = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_SCHEDULE_DELAY": "100"} | variables
        variables = {name: value for name, value in variables.items() if value is not None}
        return new_cluster(workers=2, nthreads=1, env={"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url} | variables)

    return make


def graphs(receiver, count):
    """So many roots, as soon as they are there: a graph's own span is sent last."""
    wait_for(lambda: len(receiver.named("graph")) >= count, f"{count} graphs arrive")
    found = receiver.named("graph")
    assert len(found) == count
    return found


def end(cluster):
    """End the scheduler as a deployment does, and wait for it."""
    cluster.scheduler.popen.send_signal(signal.SIGTERM)
    assert cluster.scheduler.popen.wait(30) == 0


def test_a_graph_is_a_trace_and_dependencies_are_links(traced, receiver):
    cluster = traced()
    client = cluster.client()
    a, b = cluster.addresses().values()
    with dask.annotate(workers=[a], allow_other_workers=False):
        x = dask.delayed(inc)(1, dask_key_name="x")
    with dask.annotate(workers=[b], allow_other_workers=False):
        y = dask.delayed(inc)(2, dask_key_name="y")
        z = dask.delayed(add)(x, y, dask_key_name="z")
    with span("outer"):
        assert client.compute(z, optimize_graph=False).result() == 5

    (graph,) = graphs(receiver, 1)
    assert graph.parent_id == b"" and graph.error is None
    assert graph.attributes["dask.client"] == client.id
    assert graph.attributes["dask.graph.tasks"] == 3
    assert graph.attributes["dask.spans"] == ["outer"]
    assert {s.trace_id for s in receiver.spans} == {graph.trace_id}
    (submit,) = receiver.of(graph, "submit")
    assert "dask.unpack.worker" not in submit.attributes  # it is plain enough for the scheduler
    assert submit.attributes["dask.unpack.seconds"] > 0
    assert graph.start == submit.start < submit.end < graph.end
    assert (submit.end - submit.start) / 1e9 >= submit.attributes["dask.unpack.seconds"]

    x, y, z = map(receiver.task, "xyz")
    assert {s.span_id for s in receiver.of(graph)} == {s.span_id for s in (submit, x, y, z)}
    assert x.links == y.links == []
    assert sorted(z.links) == sorted([x.ids, y.ids])
    for task, worker, name in (x, a, "task x"), (y, b, "task y"), (z, b, "task z"):
        assert task.name == name
        assert task.attributes["dask.worker"] == worker
        assert task.attributes["dask.state"] == "memory"
        assert task.attributes["dask.attempt"] == 1
        (queue,), (compute,) = receiver.of(task, "queue"), receiver.of(task, "compute")
        assert submit.end <= task.start == queue.start <= queue.end <= compute.start <= compute.end <= task.end
        assert [name for name, _ in queue.events] == ["given to worker"]
        assert compute.attributes["dask.worker"] == worker and compute.attributes["thread.id"]
    (transfer,) = receiver.of(z, "transfer")
    assert transfer.attributes["dask.peer"] == a
    assert transfer.end <= receiver.of(z, "compute")[0].start
    assert not receiver.of(x, "transfer")


def test_futures_link_graphs_and_errors_are_told(traced, receiver):
    client = traced().client()
    x = client.submit(inc, 1, key="x")
    bad = client.submit(div, x, 0, key="bad")
    after = client.submit(inc, bad, key="after")
    wait([x, bad, after])
    graphs(receiver, 3)
    bad = receiver.task("bad")
    assert bad.links == [receiver.task("x").ids]
    assert bad.trace_id != receiver.task("x").trace_id
    assert bad.error == "ZeroDivisionError('division by zero')"
    assert bad.attributes["dask.state"] == "erred"
    (compute,) = receiver.of(bad, "compute")
    ((name, exception),) = compute.events
    assert name == "exception"
    assert exception["exception.type"] == "ZeroDivisionError"
    assert "in div" in exception["exception.stacktrace"]
    (graph,) = [g for g in receiver.named("graph") if g.trace_id == bad.trace_id]
    assert graph.error == bad.error
    assert graph.attributes["dask.graph.tasks_erred"] == 1
    # What needed it never ran, and has no span.
    assert not [s for s in receiver.spans if s.attributes.get("dask.key") == "after"]


def test_each_attempt_is_a_span(traced, receiver, tmp_path):
    client = traced().client()

    def fails_once(path):
        if not path.exists():
            path.write_text("")
            raise ValueError("not yet")
        return 1

    assert client.submit(fails_once, tmp_path / "tried", key="x", retries=1).result() == 1
    graphs(receiver, 1)
    first, second = [s for s in receiver.spans if s.attributes.get("dask.key") == "x"]
    assert (first.attributes["dask.attempt"], second.attributes["dask.attempt"]) == (1, 2)
    assert (first.error, second.error) == ("ValueError('not yet')", None)
    assert len(receiver.of(first, "compute")) == len(receiver.of(second, "compute")) == 1
    assert first.end <= receiver.of(second, "compute")[0].start


@pytest.mark.parametrize(
    "variables",
    [{"OTEL_TRACES_EXPORTER": None}, {"OTEL_SDK_DISABLED": "true"},
     {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.0"}],
    ids=["an endpoint alone is for metrics", "disabled", "ratio 0"],
)  # fmt: skip
def test_no_traces(traced, receiver, variables):
    cluster = traced(**variables)
    client = cluster.client()
    assert client.submit(inc, 1).result() == 2
    end(cluster)
    assert "/v1/traces" not in receiver.paths
    # It is on, or not, as its variables say: metrics are sent as it ends.
    assert ("/v1/metrics" in receiver.paths) == ("OTEL_SDK_DISABLED" not in variables)


def test_the_sampler_decides_for_whole_graphs_and_the_end_sends_all(traced, receiver):
    delayed = {"OTEL_BSP_SCHEDULE_DELAY": "60000"}
    cluster = traced(OTEL_TRACES_SAMPLER="parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG="0.5", **delayed)
    client = cluster.client()
    for i in range(40):
        assert client.gather(client.map(inc, [i, 1000 + i])) == [i + 1, 1001 + i]
    end(cluster)
    sampled = receiver.named("graph")
    assert 0 < len(sampled) < 40
    assert len(receiver.named("compute")) == len(receiver.named("task inc")) == 2 * len(sampled)
    assert {s.trace_id for s in receiver.spans} == {s.trace_id for s in sampled}


def test_what_is_unfinished_at_the_end_is_sent(traced, receiver, tmp_path):
    from tasks import wait_for_file

    cluster = traced(OTEL_TRACES_SAMPLER="always_on")
    client = cluster.client()
    future = client.submit(wait_for_file, str(tmp_path / "never"), key="x")
    wait_for(lambda: cluster.scheduler.tasks("processing") == 1, "the task runs")
    end(cluster)
    assert receiver.task("x").attributes["dask.state"] == "unfinished"
    (graph,) = receiver.named("graph")
    assert graph.attributes["dask.graph.tasks_unfinished"] == 1
    del future
