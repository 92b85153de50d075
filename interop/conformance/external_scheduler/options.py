"""What the runner told this pytest process."""

from __future__ import annotations

import json
import os

OPTIONS = json.loads(os.environ["CONFORMANCE_OPTIONS"])
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOST = "127.0.0.1"
