"""Posts fills to a double-entry ledger, marks positions and measures performance."""
