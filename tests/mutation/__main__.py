"""`make test-mutation`: change risk's core line by line; the tests must notice 85 % of it.

ARGS="--only 'sizing/*.py'" judges some files; without it, every room that decides. --survivors
asks about what no test had noticed once more, after tests were added. The last line is one JSON
object; the exit code is 1 below the bound, and while something was not judged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter

from .judge import judge
from .score import by_room, judged, share
from .workspace import PYTEST, ROOMS, prepare, results, tests

NOTICED_MIN = 0.85


def main(arguments: list[str]) -> int:
    """Prepare, judge, count."""
    parser = argparse.ArgumentParser(prog="make test-mutation", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[f"{room}/*.py" for room in ROOMS])
    parser.add_argument("--survivors", action="store_true", help="judge survivors once more")
    given = parser.parse_args(arguments)
    prepare()
    code = judge(tuple(given.only), [*PYTEST, *tests()], survivors=given.survivors)
    rooms = by_room(results())
    whole: Counter[str] = sum(rooms.values(), Counter())
    for room, words in rooms.items():
        print(f"{room:<12} {share(words):6.1%} of {judged(words):>5}: {dict(words)}")  # noqa: T201
    left = sum(whole.values()) - judged(whole)
    document = {"score": round(share(whole), 4), "judged": judged(whole), "left": left}
    print(json.dumps(document | {"bound": NOTICED_MIN}))  # noqa: T201 - the result
    return 1 if code or left or share(whole) < NOTICED_MIN else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
