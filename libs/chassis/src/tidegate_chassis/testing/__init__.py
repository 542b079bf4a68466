"""Real servers for tests, started once per test process and gone with it.

pytest finds the fixtures by itself where tidegate-chassis is installed (see `plugin`).
"""

from tidegate_chassis.testing.folder import server_folder

__all__ = ["server_folder"]
