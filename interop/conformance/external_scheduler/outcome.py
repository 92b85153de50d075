"""What happened during the test being run, and that it can not be had."""

from __future__ import annotations

import pytest


class Record:
    """What happened during the test being run."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.not_remotable = None  # reason
        self.schedulers = []  # SchedulerProcess objects taken by this test


record = Record()


class NotRemotable(pytest.skip.Exception):
    """The test needs something that an external scheduler does not offer.

    Derives (through pytest's skip exception) from BaseException, so that
    ``except Exception`` and ``pytest.raises(Exception)`` do not swallow it.
    """

    def __init__(self, reason):
        super().__init__(f"NotRemotable: {reason}", allow_module_level=True)
        note_not_remotable(reason)


def note_not_remotable(reason):
    if record.not_remotable is None:
        record.not_remotable = reason
