"""`make bench-orders`: orders a second and venue calls alone; the last line is one JSON object."""

from __future__ import annotations

import json
import os
import sys

from tests.benchmarks.orders.result import measure_orders

from tidegate_chassis.testing.folder import server_folder


def main() -> int:
    """Measure."""
    load = os.getloadavg()[0]
    print(f"load before: {load:.2f} on {os.cpu_count()} processors")
    with server_folder() as folder:
        found = measure_orders(folder, print)
    print(json.dumps({"load_before": round(load, 2), **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
