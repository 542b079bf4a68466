"""What risk looks like from outside: rows for queries, heartbeats and HTTP."""
