"""The books, pure: fills and bars in, ledger entries and valuations out."""
