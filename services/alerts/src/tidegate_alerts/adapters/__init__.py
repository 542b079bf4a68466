"""Where alerts go: channels to people, rows for queries, HTTP."""
