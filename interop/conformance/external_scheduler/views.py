"""Views of the state of the external scheduler."""

from __future__ import annotations

from collections.abc import Mapping

from distributed.core import Status

from external_scheduler.outcome import NotRemotable


class WorkerView:
    """Stands for a WorkerState. Equal to another view of the same worker."""

    def __init__(self, scheduler, address, info=None):
        self.__dict__.update(_scheduler=scheduler, address=address, _info=info)

    def __eq__(self, other):
        return isinstance(other, WorkerView) and other.address == self.address

    def __hash__(self):
        return hash(self.address)

    def __repr__(self):
        return f"<WorkerView {self.address!r}>"

    def _fresh(self):
        if self._info is None:
            self.__dict__["_info"] = self._scheduler._identity()["workers"][
                self.address
            ]
        return self._info

    @property
    def status(self):
        return Status[self._fresh()["status"]]

    @property
    def processing(self):
        found = self._scheduler._call("processing", workers=[self.address])
        return {TaskView(self._scheduler, k) for k in found[self.address]}

    @property
    def has_what(self):
        found = self._scheduler._call("has_what", workers=[self.address])
        return {TaskView(self._scheduler, k): None for k in found[self.address]}.keys()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in (
            "host",
            "resources",
            "local_directory",
            "name",
            "nthreads",
            "memory_limit",
            "last_seen",
            "services",
            "metrics",
            "nanny",
        ):
            return self._fresh()[name]
        raise NotRemotable(f"WorkerState.{name}")

    def __setattr__(self, name, value):
        raise NotRemotable(f"setting WorkerState.{name}")


class WorkersView(Mapping):
    """Stands for Scheduler.workers; asks the scheduler anew at each use."""

    def __init__(self, scheduler):
        self._scheduler = scheduler

    def _get(self):
        return self._scheduler._identity()["workers"]

    def __getitem__(self, address):
        return WorkerView(self._scheduler, address, self._get()[address])

    def __contains__(self, address):
        return address in self._get()

    def __iter__(self):
        return iter(self._get())

    def __len__(self):
        return len(self._get())

    def values(self):
        return [WorkerView(self._scheduler, a, i) for a, i in self._get().items()]

    def items(self):
        return [(w.address, w) for w in self.values()]


class TaskView:
    """Stands for a TaskState: key, who_has, processing_on, and state."""

    def __init__(self, scheduler, key):
        self.__dict__.update(_scheduler=scheduler, key=key)

    def __eq__(self, other):
        return isinstance(other, TaskView) and other.key == self.key

    def __hash__(self):
        return hash(self.key)

    def __repr__(self):
        return f"<TaskView {self.key!r}>"

    @property
    def who_has(self):
        found = self._scheduler._call("who_has", keys=[self.key])
        return {WorkerView(self._scheduler, w) for w in found[self.key]}

    @property
    def processing_on(self):
        for address, keys in self._scheduler._call("processing").items():
            if self.key in keys:
                return WorkerView(self._scheduler, address)
        return None

    @property
    def state(self):
        if self.who_has:
            return "memory"
        if self.processing_on is not None:
            return "processing"
        story = [x for x in self._scheduler.story(self.key) if x[0] == self.key]
        if story:
            return story[-1][2]
        raise NotRemotable("TaskState.state of a task that has no story")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotRemotable(f"TaskState.{name}")

    def __setattr__(self, name, value):
        raise NotRemotable(f"setting TaskState.{name}")


class TasksView(Mapping):
    """Stands for Scheduler.tasks, from the answer to ``who_has``."""

    def __init__(self, scheduler):
        self._scheduler = scheduler

    def _get(self):
        return self._scheduler._call("who_has")

    def __getitem__(self, key):
        if key not in self._get():
            raise KeyError(key)
        return TaskView(self._scheduler, key)

    def __contains__(self, key):
        return key in self._get()

    def __iter__(self):
        return iter(self._get())

    def __len__(self):
        return len(self._get())
