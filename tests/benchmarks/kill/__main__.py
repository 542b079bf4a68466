"""`make bench-kill`: six executing processes, 20,000 messages in front of each, one kill.

``BENCH_KILLS``, ``BENCH_DEATHS`` and ``BENCH_QUEUED`` set how much is measured. The last line is
one JSON object; the exit code is 1 when a bound does not hold.
"""

from __future__ import annotations

import json
import os
import sys

from tidegate_chassis.testing.folder import server_folder

from .processes import COUNT
from .result import measure_kills


def main() -> int:
    """Measure, print, judge."""
    load = os.getloadavg()[0]
    print(f"load before: {load:.2f} on {os.cpu_count()} processors; {COUNT} processes")
    with server_folder() as folder:
        document = measure_kills(folder, print)
    print(json.dumps({"load_before": round(load, 2)} | document))
    return 1 if document["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
