"""Sizes every signal, checks it against every limit and keeps the gate."""
