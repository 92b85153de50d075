"""Functions for workers to run. Workers have this folder on their PYTHONPATH, so these travel by name."""

import os
import signal
import threading
import time
from pathlib import Path


def inc(x):
    return x + 1


def double(x):
    return 2 * x


def add(x, y):
    return x + y


def slowinc(x, delay=0.05):
    time.sleep(delay)
    return x + 1


def slowadd(x, y, delay=0.05):
    time.sleep(delay)
    return x + y


def div(x, y):
    return x / y


def wait_for_file(path, result=None):
    """Hold a worker thread until the test lets go."""
    while not Path(path).exists():
        time.sleep(0.01)
    return result


def note(path, text):
    """Append a line to a file and return the text."""
    with open(path, "a") as f:
        f.write(f"{text}\n")
    return text


def fail_times(path, times):
    """Fail that many times, counting in a file, then succeed; returns the number of the attempt."""
    with open(path, "a") as f:
        f.write("x")
    attempt = os.path.getsize(path)
    if attempt <= times:
        raise OSError(f"attempt {attempt} fails")
    return attempt


def unless_exists(path):
    if not Path(path).exists():
        raise FileNotFoundError(path)
    return "there"


def kill_own_worker(*_):
    os.kill(os.getpid(), signal.SIGKILL)


class CustomError(Exception):
    def __init__(self, code, detail):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def raise_custom(code, detail):
    raise CustomError(code, detail)


class Unserializable:
    def __init__(self):
        self.lock = threading.Lock()


def worker_name():
    from distributed import get_worker

    return get_worker().name


_concurrent = 0
_most = 0
_lock = threading.Lock()


def count_concurrent(_, delay=0.1):
    """How many calls of this function have at most run at once in this process so far."""
    global _concurrent, _most
    with _lock:
        _concurrent += 1
        _most = max(_most, _concurrent)
    time.sleep(delay)
    with _lock:
        _concurrent -= 1
        return _most


def fib_by_tasks(n):
    from distributed import get_client, rejoin, secede

    if n < 2:
        return n
    client = get_client()
    a, b = client.submit(fib_by_tasks, n - 1), client.submit(fib_by_tasks, n - 2)
    secede()
    a, b = client.gather([a, b])
    rejoin()
    return a + b


def submit_from_worker(x):
    from distributed import worker_client

    with worker_client() as client:
        return sum(client.gather(client.map(inc, range(x))))


def return_future(x):
    from distributed import get_client

    return get_client().submit(inc, x)


def sum_of_futures(futures):
    """The argument is not their results but the futures themselves; hand them on to another task."""
    from distributed import worker_client

    with worker_client() as client:
        return client.submit(sum, list(futures)).result()
