"""A stock Dask client that runs one workload for each line it reads, and prints one line of JSON when it is done.

    python3 decisions.py SCHEDULER WORKERS      then on standard input:   matmul 1

Each returns a result that is checked and how many tasks it was, about. What is random has a seed.
"""

import json
import random
import sys
import time

import dask
import dask.array as da
import numpy as np
import pandas as pd
from dask.distributed import Client

dask.config.set({"dataframe.query-planning": False, "dataframe.shuffle.method": "tasks"})


def matmul(client):
    """A blocked matrix product: every block of one operand meets a row of the other's."""
    x = da.random.default_rng(1).random((3600, 3600), chunks=450)
    assert float((x @ x.T).trace().compute()) > 0
    return 8 * 8 * 8 * 2


def transpose(client):
    """Columns to rows, with every worker sending to every other, and a sum with the transpose."""
    x = da.random.default_rng(2).random((5000, 5000), chunks=(5000, 250))
    y = x.rechunk((250, 5000), method="tasks")
    assert float((y + y.T.rechunk((250, 5000), method="tasks")).sum().compute()) > 0
    return 3000


def reduction(client):
    """A tree reduction over chunks of 8 MB: more of them at once than needed is memory for nothing."""
    x = da.random.default_rng(3).random(240_000_000, chunks=1_000_000)
    assert 0.49 < float((x - 0.5 + 0.5).mean(split_every=4).compute()) < 0.51
    return 240 * 3


def common(client):
    """Chunks of 8 MB that are all made from the same eight inputs, and reduced four by four."""
    graph = {("input", i): float(i) for i in range(8)}
    inputs = list(graph)
    graph |= {("chunk", i): (lambda i, few: np.full(1_000_000, i + few[0]), i, inputs) for i in range(240)}
    level, parts = 0, [("chunk", i) for i in range(240)]
    while len(parts) > 1:
        level += 1
        several = [parts[i : i + 4] for i in range(0, len(parts), 4)]
        parts = [(f"mean-{level}", i) for i in range(len(several))]
        graph |= {key: (lambda arrays: sum(arrays) / len(arrays), some) for key, some in zip(parts, several)}
    assert 100 < client.get(graph, parts[0])[0] < 140
    return len(graph)


def shuffle(client):
    """A dataframe shuffled by tasks, and merged with another on the new index."""
    import dask.dataframe as dd

    def part(i):
        rng = np.random.default_rng(i)
        return pd.DataFrame({"k": rng.integers(0, 10_000, 60_000), "v": rng.random(60_000)})

    left = dd.from_delayed([dask.delayed(part)(i) for i in range(24)], meta=part(0).iloc[:0])
    right = dd.from_delayed([dask.delayed(part)(100 + i) for i in range(4)], meta=part(0).iloc[:0])
    right = right.groupby("k").v.mean().reset_index()
    merged = left.shuffle("k", shuffle_method="tasks").merge(right, on="k", how="inner", shuffle_method="tasks")
    assert len(merged) > 1_000_000
    return 2000


def fanin(client):
    """A thousand results of 100 kB, all of them inputs of one task."""
    parts = [dask.delayed(np.full)(12_500, i) for i in range(1000)]
    total = dask.delayed(lambda arrays: float(sum(a[0] for a in arrays)))(parts)
    assert total.compute() == 499_500
    return 1001


def uneven(client):
    """Durations from a millisecond to two seconds, the long ones anywhere."""
    rng = random.Random(4)
    seconds = [2.0 if i % 97 == 0 else min(0.5, 0.001 * rng.paretovariate(0.8)) for i in range(400)]
    rng.shuffle(seconds)
    futures = client.map(lambda s: time.sleep(s) or s, seconds, pure=False)
    assert abs(sum(client.gather(futures)) - sum(seconds)) < 1e-6
    return 400


def short(client):
    """Many tasks that take no time: a worker waits for the next one longer than it computes."""
    futures = client.map(lambda i: i + 1, range(5000), pure=False)
    assert sum(client.gather(futures)) == 5000 * 5001 // 2
    return 5000


def moved(client):
    return sum(client.run(lambda dask_worker: dask_worker.transfer_outgoing_bytes_total).values())


def main():
    address, workers = sys.argv[1:]
    with Client(address) as client:
        client.wait_for_workers(int(workers), timeout=60)
        client.run(lambda: __import__("dask.dataframe") and None)
        client.submit(sum, [1, 2]).result()
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            name = line.split()[0]
            before = moved(client)
            start = time.perf_counter()
            tasks = globals()[name](client)
            seconds = time.perf_counter() - start
            print(json.dumps({"tasks": tasks, "seconds": seconds, "moved": moved(client) - before}), flush=True)


if __name__ == "__main__":
    main()
