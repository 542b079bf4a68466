"""What is wrong with what the environment says of a venue.

::

    Misconfigured   addresses, keys or confirmation: nothing is started
"""

from __future__ import annotations


class Misconfigured(Exception):
    """Addresses, keys or the confirmation of real money do not fit."""
