"""A stock client that meets a Java client by name: python_coordination.py SCHEDULER PART

Prints what it sees, one `name = value` a line.
"""

import sys

from distributed import Client, Event, Lock, MultiLock, Queue, Semaphore, Variable, wait


def show(name, value):
    print(name, "=", value, flush=True)


def inc(x):
    return x + 1


def meet(client):
    """Goes step by step with the Java side, by events."""
    lock = Lock("shared-lock")
    Event("python-is-here").set()
    Event("java-holds").wait(timeout="60s")
    show("lock while Java holds it", lock.acquire(timeout="50ms"))
    show("locked", lock.locked())
    semaphore = Semaphore(max_leases=2, name="shared-semaphore")
    show("leases in use", semaphore.get_value())
    show("second lease", semaphore.acquire(timeout="60s"))
    show("third lease", semaphore.acquire(timeout="50ms"))
    Event("python-is-done").set()
    show("lock afterwards", lock.acquire(timeout="60s"))
    Event("python-holds").set()
    Event("java-has-tried").wait(timeout="60s")
    lock.release()
    semaphore.release()


def multi_locks(client):
    show("both while Java holds one", acquired(["b", "c"], timeout="50ms"))
    show("one of two", acquired(["b", "c"], timeout="50ms", num_locks=1))
    Event("python-was-refused").set()
    both = MultiLock(["b", "c"])
    show("both afterwards", both.acquire(timeout="60s"))
    Event("python-has-them").set()
    Event("java-was-refused").wait(timeout="60s")
    both.release()


def acquired(names, **how):
    lock = MultiLock(names)
    got = lock.acquire(**how)
    if got:
        lock.release()
    return got


def queues(client):
    queue = Queue("to-python")
    for _ in range(3):
        item = queue.get(timeout="60s")
        show("item", item.result() if hasattr(item, "result") else repr(item))
    show("variable", Variable("of-java").get(timeout="60s"))
    show("future of variable", Variable("future-of-java").get(timeout="60s").result())
    back = Queue("to-java")
    back.put({"list": [1, 2.5, None], "text": "süß", "bytes": b"\x00"})
    back.put(client.submit(inc, 41))
    Variable("of-python").set([True, "x"])
    future = client.submit(inc, 1)
    Variable("future-of-python").set(future)
    wait(future)
    Event("java-has-all").wait(timeout="60s")


def datasets(client):
    kept = client.get_dataset("of-java")
    show("names", client.list_datasets())
    show("keys", sorted(kept))
    show("numbers", kept["numbers"].tolist())
    show("date", repr(kept["date"]))
    show("results", client.gather(kept["futures"]))
    show("single", client.get_dataset("one-of-java").result())
    client.publish_dataset(client.submit(inc, 2), name="one-of-python")
    named = {"futures": [client.submit(inc, 10), client.submit(inc, 20)], "plain": (1, "two", {3.5})}
    client.publish_dataset(named, name="of-python")
    client.publish_dataset(client.submit(slice, 1, 2), name="unreadable-result")
    client.publish_dataset(slice(1, 2), name="unreadable")


if __name__ == "__main__":
    with Client(sys.argv[1]) as client:
        globals()[sys.argv[2]](client)
