"""Turns proto/tidegate and proto/subjects into tidegate_contracts and its reference pages."""
