# ---- our calls are not the user's ----

# A worker logs every function that it runs for somebody. Those above run once for every graph: they go by names of
# their own, and lines about them are left out.

import inspect
import logging

_OURS = "dask-jvm:"


def _is_of_the_user(record):
    args = record.args
    return not (isinstance(args, tuple) and args and isinstance(args[0], str) and args[0].startswith(_OURS))


for _name, _function in list(globals().items()):
    if inspect.iscoroutinefunction(_function) and not _name.startswith("_"):
        _function.__name__ = _OURS + _name
logging.getLogger("distributed.worker").addFilter(_is_of_the_user)
