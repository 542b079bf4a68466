"""The crash test: whatever is killed, the session ends as if nothing had happened.

`make test-crash` runs `__main__`; the facts that take seconds are ordinary tests beside it.
"""
