"""Whole instances under test, started as `tidegate up` and `tidegate demo` start theirs.

* `instance`: one instance in a folder of its own: started, asked, hurt on purpose, ended.
* `waiting`: looking until something is there.
"""

from tests.instances.instance import Document, Instance, running
from tests.instances.waiting import CALM_POLL_S, eventually, tell

__all__ = ["CALM_POLL_S", "Document", "Instance", "eventually", "running", "tell"]
