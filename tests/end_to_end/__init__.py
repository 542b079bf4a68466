"""The whole platform, from the bar to the ledger entry, in real instances."""
