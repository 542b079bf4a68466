"""The look-ahead detector: whatever is decided must not depend on what comes later.

=========  =======================================================================================
futures    other futures of the same past: cut off, or changed
decisions  what the machines of a session said, by the instant in which they said it
detector   decides again with other futures, and shows the first decision that changed
=========  =======================================================================================
"""

from tidegate_lab.lookahead.decisions import Decision, decisions_of
from tidegate_lab.lookahead.detector import Leak, Report, look_for_leaks

__all__ = ["Decision", "Leak", "Report", "decisions_of", "look_for_leaks"]
