"""The decision machine: one verdict for every signal."""
