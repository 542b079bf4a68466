"""The pure part of execution: the machine of a session's orders, and the paper venue."""
