"""The paper venue: `naive` is what matching is held against, `drawing` makes the cases."""
