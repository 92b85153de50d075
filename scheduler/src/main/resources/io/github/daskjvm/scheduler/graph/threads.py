"""Runs on a Python worker, before materialize.py in the same module: the threads in which its work is done."""

import asyncio
import concurrent.futures
import queue
import threading
import time

_THREADS_MAX = 4
_THREAD_IDLE_SECONDS = 0.1
_threads_lock = threading.Lock()
_threads_work = queue.Queue()  # not a SimpleQueue: with several takers its get() can outlast the timeout for ever
_threads = _calls = 0
cpu_seconds = 0.0  # that all calls took so far, which benchmarks ask for


def _in_thread(function, *args):
    """An awaitable for what the function returns. Threads stay for the next call, but not long: one that an idle
    worker, or a process that has closed its worker, keeps for ever looks like a leak to whoever counts them."""
    global _threads, _calls
    future = concurrent.futures.Future()
    with _threads_lock:
        _calls += 1
        _threads_work.put((future, function, args))
        if _threads < min(_calls, _THREADS_MAX):
            threading.Thread(target=_work, name="dask-jvm-graph", daemon=True).start()
            _threads += 1
    return asyncio.wrap_future(future)


def _work():
    global _threads, _calls, cpu_seconds
    while True:
        try:
            future, function, args = _threads_work.get(timeout=_THREAD_IDLE_SECONDS)
        except queue.Empty:
            with _threads_lock:
                if _threads_work.empty():
                    _threads -= 1
                    return
            continue
        result, failure = None, None
        start = time.thread_time()
        if future.set_running_or_notify_cancel():
            try:
                result = function(*args)
            except BaseException as e:
                failure = e
        with _threads_lock:
            cpu_seconds += time.thread_time() - start
            _calls -= 1  # before the caller can come with the next, for which this thread is free
        if failure is not None:
            future.set_exception(failure)
        elif not future.cancelled():
            future.set_result(result)
        del future, function, args, result, failure


