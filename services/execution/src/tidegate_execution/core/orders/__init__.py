"""Orders: their life cycle, what is remembered of each, and what changes them."""
