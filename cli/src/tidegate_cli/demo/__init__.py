"""The demo: everything started, real data replayed over the live services, everything ended."""
