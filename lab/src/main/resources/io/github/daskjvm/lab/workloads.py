"""A stock Dask client that does what each line it reads says, and prints one line of JSON when it is done.

    python3 workloads.py SCHEDULER WORKERS      then on standard input:   map 10000 0

The graphs are those of graphs.py, which is put before this: `map 10000 0.001` runs one of 10,000 tasks of a millisecond.
`workers 2` waits until there are two, `unpacking` says what workers took to unpack graphs for the scheduler so far,
`warm 5` submits single tasks for five seconds, and `trips 1000` says how long each of a thousand took.
"""

import json
import sys
import time

from dask.distributed import Client, wait


def run(client, name, n, seconds=0.0):
    """A graph: from its submission until its results are here."""
    work = Work(name, int(n), float(seconds))
    cpu, start = time.process_time(), time.perf_counter()
    futures = work.submit(client)
    wait(futures)
    work.check(futures)
    took = {"seconds": time.perf_counter() - start, "client_cpu": time.process_time() - cpu}
    del futures
    work.settle(client)
    return {"tasks": work.tasks, **took}


def workers(client, n):
    start = time.perf_counter()
    while len(client.scheduler_info()["workers"]) != int(n):
        time.sleep(0.1)
    return {"tasks": int(n), "seconds": time.perf_counter() - start}


def unpacking(client):
    """CPU seconds of the threads that unpack graphs on all workers, which Dask's scheduler does itself."""

    def on_worker():
        modules = [module for name, module in sys.modules.items() if name.startswith("dask_jvm_graph_")]
        return sum(module.cpu_seconds for module in modules)

    return {"seconds": sum(client.run(on_worker).values())}


def trip(client, i):
    """Seconds from the submission of one task to its result."""
    start = time.perf_counter()
    assert client.submit(noop, i, pure=False).result() == i
    return time.perf_counter() - start


def warm(client, seconds):
    end = time.perf_counter() + float(seconds)
    trips = 0
    while time.perf_counter() < end:
        trip(client, trips)
        trips += 1
    return {"tasks": trips, "seconds": float(seconds)}


def trips(client, n):
    return {"trips": [trip(client, i) for i in range(int(n))]}


OTHERS = {"workers": workers, "unpacking": unpacking, "warm": warm, "trips": trips}


def main():
    address, count = sys.argv[1:]
    with Client(address) as client:
        client.wait_for_workers(int(count), timeout=60)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            name, *words = line.split()
            answer = OTHERS[name](client, *words) if name in OTHERS else run(client, name, *words)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
