"""I/O: rows for queries, and HTTP."""
