"""Functions of Java's, called by name through an unmodified Client."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from numbers import Number
from typing import Any, NoReturn

import dask
from dask.base import tokenize
from distributed import Client, Future, get_client
from distributed.worker import thread_state

from dask_jvm.calls import serialize_call

# Tasks in one message to the scheduler.
BATCH_TASKS = 10_000


class JavaFunction:
    """A function of Java's: calling it submits a task to the JVM workers and returns a Future. See `java`."""

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not re.fullmatch(r"[\w$.]+(::[\w$]+)?", name):
            raise ValueError(
                f"{name!r} is no name of a Java function; java('com.example.Fn') and java('com.example.Math::hypot') are"
            )
        self.name = name

    def __call__(self, *args: Any, **options: Any) -> Future:
        """Submit a task. The arguments are Futures and values, the options those of `submit`."""
        return self.submit(*args, **options)

    def submit(
        self, *args: Any, client: Client | None = None, key: str | None = None, pure: bool = True, **options: Any
    ) -> Future:
        """Submit a task with these arguments, as `Client.submit` does for functions of Python's.

        Parameters
        ----------
        *args
            Futures, of Python or Java tasks, and values, with Futures anywhere inside. Java has no keyword arguments.
        client : Client
            By default the current one.
        key : str
            The task's name; by default made of the function's and a token.
        pure : bool
            Whether the same arguments give the same result, so that they are computed once.
        priority : Number
            Larger runs earlier.
        retries : int
            How often to try again when it fails.
        workers : str or list of str
            Addresses, names or hosts of workers it may run on.
        allow_other_workers : bool
            Whether `workers` are a preference only.
        resources : dict
            What it takes of the workers' resources.
        fifo_timeout : str
            Within which tasks submitted later have the same priority.

        Returns
        -------
        Future
        """
        client = _client_of(client)
        if key is None:
            key = f"{self._short_name}-{self._token(args) if pure else uuid.uuid4()}"
        return self._submit_all(client, [(key, args)], **options)[0]

    def map(
        self, *iterables: Iterable[Any], client: Client | None = None, key: str | None = None, pure: bool = True, **options: Any
    ) -> list[Future]:
        """Submit a task for each item, with an argument from each iterable, as `Client.map` does.

        The options are those of `submit`; `key` is the beginning of the tasks' names.
        """
        client = _client_of(client)
        prefix = key or self._short_name
        unique = uuid.uuid4().hex
        calls = []
        for number, args in enumerate(zip(*iterables)):
            token = self._token(args) if pure else f"{unique}-{number}"
            calls.append((f"{prefix}-{token}", args))
        return self._submit_all(client, calls, **options)

    def _token(self, args: Sequence[Any]) -> str:
        return tokenize("java", self.name, *args)

    @property
    def _short_name(self) -> str:
        owner, _, method = self.name.partition("::")
        return method if method and method != "new" else re.split(r"[.$]", owner)[-1]

    def _submit_all(
        self, client: Client, calls: Iterable[tuple[str, Sequence[Any]]], fifo_timeout: str = "100 ms", **options: Any
    ) -> list[Future]:
        options = _task_options(**options)
        span = dask.get_annotations().get("span")
        futures, tasks = [], []
        with client._refcount_lock:
            for key, args in calls:
                if key not in client.futures:
                    run_spec, needed = serialize_call(self.name, args)
                    tasks.append({"key": key, "run_spec": run_spec, "dependencies": list(needed)} | options)
                futures.append(Future(key, client))
            for start in range(0, len(tasks), BATCH_TASKS):
                some = tasks[start : start + BATCH_TASKS]
                client._send_to_scheduler(
                    {
                        "op": "update-graph",
                        "runtime": "jvm",
                        "tasks": some,
                        "keys": [task["key"] for task in some],
                        "fifo_timeout": fifo_timeout,
                        "submitting_task": getattr(thread_state, "key", None),
                        "span": span,
                    }
                )
        return futures

    def __reduce__(self) -> NoReturn:
        raise self._no_python()

    def __dask_tokenize__(self) -> NoReturn:
        # Client.submit and Client.map ask first; what they would say of a function that can not be pickled is longer.
        raise self._no_python()

    def _no_python(self) -> TypeError:
        return TypeError(
            f"{self!r} is no function that a Python worker can run: call it, as in java({self.name!r})(future), instead of"
            " giving it to client.submit, client.map or dask.delayed"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JavaFunction) and self.name == other.name

    def __hash__(self) -> int:
        return hash(("java", self.name))

    def __repr__(self) -> str:
        return f"java({self.name!r})"


def java(name: str) -> JavaFunction:
    """A function of Java's by name, to be called with Futures and values.

    >>> total = client.submit(sum, [3, 4])                      # doctest: +SKIP
    >>> java("java.lang.Math::hypot")(total, 24.0).result()     # doctest: +SKIP
    25.0

    Parameters
    ----------
    name : str
        `com.example.Fn`: a class that implements one of Java's functional interfaces, or has one public static method.
        `com.example.Math::hypot`: a public static method, or a method of the first argument.
        `com.example.Point::new`: a constructor.
        The class must be on the class path of the JVM workers.

    Returns
    -------
    JavaFunction
    """
    return JavaFunction(name)


def _client_of(client: Client | None) -> Client:
    client = client or get_client()
    identity = client._scheduler_identity
    if identity and identity.get("runtime") != "jvm":
        raise TypeError(f"{client!r} is connected to a scheduler without JVM workers; `dask-jvm scheduler` starts one with")
    return client


def _task_options(**given: Any) -> dict[str, Any]:
    """What the scheduler is told of a task beyond its key; with nothing asked for, nothing."""
    options: dict[str, Any] = {"priority": 0, "retries": 0, "workers": None, "allow_other_workers": False, "resources": None}
    asked = {name: value for name, value in dask.get_annotations().items() if name in options}
    unknown = given.keys() - options.keys()
    if unknown:
        raise TypeError(f"Java functions have no keyword arguments, and tasks no option {sorted(unknown)[0]!r}")
    asked |= {name: value for name, value in given.items() if value is not None}
    if not asked:
        return {}
    options |= asked
    workers = options["workers"]
    if options["allow_other_workers"] and not workers:
        raise ValueError("Only use allow_other_workers= if using workers=")
    if isinstance(workers, (str, Number)):
        workers = [workers]
    options["workers"] = [str(worker) for worker in workers] if workers else None
    options["resources"] = {name: float(amount) for name, amount in (options["resources"] or {}).items()}
    return options
