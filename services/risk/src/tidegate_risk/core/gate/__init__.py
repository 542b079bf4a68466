"""The gate machine: everybody may raise, two principals together may lower."""
