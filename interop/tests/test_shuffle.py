"""Peer-to-peer shuffles, merges and rechunks of stock Dask: the result is that of the tasks method, whoever dies."""

import sys
import threading

import dask
import dask.array as da
import numpy as np
import pandas as pd
import pytest
from distributed import wait

import dask.dataframe as dd
import pandas_shards  # noqa: F401
from harness import HERE, wait_for
from tasks import slowinc


@pytest.fixture(scope="module", autouse=True)
def _workers_need_no_pyarrow():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_DISTRIBUTED__WORKER__PRELOAD", str(HERE / "pandas_shards.py"))
        yield


def active_shuffles(cluster):
    """By worker, the ids of the shuffles that it takes part in."""
    ids = cluster.observer.run(lambda dask_worker: list(dask_worker.plugins["shuffle"].shuffle_runs._active_runs))
    return {worker: found for worker, found in ids.items() if found}


def frame(rows=600, partitions=12, seed=1):
    random = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "key": random.integers(0, 40, rows),
            "value": random.random(rows),
            "text": [f"row {i}" for i in range(rows)],
        }
    )
    return dd.from_pandas(data, npartitions=partitions, sort=False)


def in_order(data):
    columns = list(data.columns)
    return data.sort_values(columns).reset_index(drop=True)


def test_a_rechunked_array_is_the_array(cluster, client):
    x = da.random.default_rng(1).random((300, 200), chunks=(30, 200)).persist()
    y = x.rechunk((300, 20), method="p2p")
    assert any("rechunk-p2p" in str(key) or "p2p" in str(key) for key in y.__dask_graph__()), "it is no p2p rechunk"
    result, expected = dask.compute(y, x.rechunk((300, 20), method="tasks"))
    assert (result == expected).all()


def test_a_worker_imports_the_module_of_arrays_in_its_own_thread(new_cluster):
    """That is where it loads tasks. Two threads that import `dask.array` at once can both fail."""

    def note_imports():
        class Finder:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name == "dask.array":
                    sys.noted = threading.current_thread().name

        sys.meta_path.insert(0, Finder)

    cluster = new_cluster(workers=1)
    with cluster.client() as client:
        client.run(note_imports)
        x = da.ones((20, 20), chunks=(5, 20)).rechunk((20, 5), method="p2p")
        assert float(x.sum().compute()) == 400
        assert set(client.run(lambda: sys.noted).values()) == {"MainThread"}


def test_partitions_of_a_rechunked_array_are_spread_over_the_workers(cluster, client):
    x = da.ones((200, 200), chunks=(20, 200)).rechunk((200, 20), method="p2p").persist()
    wait(x)
    holders = {worker for workers in client.who_has(x).values() for worker in workers}
    assert holders == set(cluster.addresses().values())
    assert float(x.sum().compute()) == 200 * 200


def test_a_shuffled_dataframe_has_the_same_rows_in_partitions_by_key(client):
    df = frame()
    p2p = df.shuffle("key", shuffle_method="p2p")
    result, expected = dask.compute(p2p, df.shuffle("key", shuffle_method="tasks"))
    pd.testing.assert_frame_equal(in_order(result), in_order(expected))
    parts = p2p.map_partitions(lambda part: pd.Series([sorted(part.key.unique())]), meta=(None, "O")).compute()
    keys = [key for part in parts for key in part]
    assert len(keys) == len(set(keys)), "rows with the same key are in two partitions"


def test_a_merge_is_that_of_the_tasks_method(client):
    left, right = frame(seed=1), frame(rows=200, partitions=5, seed=2)
    p2p = left.merge(right, on="key", shuffle_method="p2p")
    result, expected = dask.compute(p2p, left.merge(right, on="key", shuffle_method="tasks"))
    pd.testing.assert_frame_equal(in_order(result), in_order(expected))


@pytest.mark.parametrize("how", ["left", "outer"])
def test_an_outer_merge_keeps_the_rows_that_have_no_match(client, how):
    left, right = frame(seed=1), frame(rows=50, partitions=3, seed=2)
    p2p = left.merge(right, on="key", how=how, shuffle_method="p2p")
    result, expected = dask.compute(p2p, left.merge(right, on="key", how=how, shuffle_method="tasks"))
    pd.testing.assert_frame_equal(in_order(result), in_order(expected))


def test_two_shuffles_at_once(client):
    left, right = frame(seed=1), frame(seed=2)
    both = [df.shuffle("key", shuffle_method="p2p") for df in (left, right)]
    results = client.gather(client.compute(both))
    for result, df in zip(results, (left, right)):
        pd.testing.assert_frame_equal(in_order(result), in_order(df.compute()))


def test_a_shuffle_of_a_shuffle(client):
    df = frame()
    result = df.shuffle("key", shuffle_method="p2p").shuffle("text", shuffle_method="p2p").compute()
    pd.testing.assert_frame_equal(in_order(result), in_order(df.compute()))


def test_the_same_shuffle_can_be_done_again(cluster, client):
    df = frame()
    shuffled = df.shuffle("key", shuffle_method="p2p")
    first = shuffled.compute()
    wait_for(lambda: not active_shuffles(cluster), "workers forget the first run")
    pd.testing.assert_frame_equal(in_order(shuffled.compute()), in_order(first))


def test_workers_forget_a_shuffle_that_is_done_or_given_up(cluster, client):
    frame().shuffle("key", shuffle_method="p2p").compute()
    wait_for(lambda: not active_shuffles(cluster), "workers forget the shuffle")
    slow = da.ones((100, 100), chunks=(10, 100)).map_blocks(slowinc, delay=0.2)
    future = client.compute(slow.rechunk((100, 10), method="p2p").sum())
    wait_for(lambda: active_shuffles(cluster), "the shuffle is under way")
    future.cancel()
    del future
    wait_for(lambda: not active_shuffles(cluster), "workers forget the shuffle")


def test_an_error_in_an_input_is_the_error_of_the_shuffle(cluster, client):
    def broken(block, block_info=None):
        if block_info[0]["chunk-location"] == (7, 0):
            raise ZeroDivisionError("in the input")
        return block

    x = da.ones((100, 100), chunks=(10, 100)).map_blocks(broken, dtype=float)
    with pytest.raises(ZeroDivisionError, match="in the input"):
        x.rechunk((100, 10), method="p2p").compute()
    wait_for(lambda: not active_shuffles(cluster), "workers forget the shuffle")


@pytest.mark.parametrize("survivors", [1, 2])
def test_a_worker_killed_while_inputs_are_sent_costs_nothing_but_time(new_cluster, survivors):
    cluster = new_cluster(workers=survivors + 1, nthreads=1)
    client = cluster.client()
    x = da.arange(40 * 40, chunks=40).reshape((40, 40)).map_blocks(slowinc, delay=0.1)
    future = client.compute(x.rechunk((40, 4), method="p2p"))
    wait_for(lambda: len(active_shuffles(cluster)) == survivors + 1, "every worker takes part")
    cluster.workers["w1"].kill()
    assert (future.result(timeout=60) == np.arange(1600).reshape((40, 40)) + 1).all()
    wait_for(lambda: not active_shuffles(cluster), "workers forget the shuffle")


def test_a_worker_killed_while_outputs_are_picked_up_costs_nothing_but_time(new_cluster):
    cluster = new_cluster(workers=3, nthreads=1)
    client = cluster.client()
    x = da.arange(40 * 40, chunks=40).reshape((40, 40)).rechunk((40, 2), method="p2p")
    y = client.persist(x.map_blocks(slowinc, delay=0.2))
    wait_for(lambda: 3 <= len(cluster.stored_tasks()), "the first outputs are there")
    cluster.workers["w2"].kill()
    assert (client.compute(y).result(timeout=60) == np.arange(1600).reshape((40, 40)) + 1).all()
    wait_for(lambda: not active_shuffles(cluster), "workers forget the shuffle")


def test_a_merge_survives_the_death_of_a_worker(new_cluster):
    cluster = new_cluster(workers=3, nthreads=1)
    client = cluster.client()
    left, right = frame(seed=1), frame(rows=200, partitions=8, seed=2)

    def slowly(part):
        import time

        time.sleep(0.1)
        return part

    slow = left.map_partitions(slowly, meta=left)
    future = client.compute(slow.merge(right, on="key", shuffle_method="p2p"))
    wait_for(lambda: len(active_shuffles(cluster)) == 3, "every worker takes part")
    cluster.workers["w0"].kill()
    result = future.result(timeout=60)
    expected = left.merge(right, on="key", shuffle_method="tasks").compute()
    pd.testing.assert_frame_equal(in_order(result), in_order(expected))
