"""`make bench`: prints what each part costs, beside a partner measured in the same run."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from measure import HEADING
from parts import all_parts

from tidegate_chassis.testing.folder import server_folder


def main() -> int:
    """Print the tables."""
    with server_folder() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(all_parts(folder))
    print("Parts of a hop")
    print(HEADING)
    for each in figures:
        print(each.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
