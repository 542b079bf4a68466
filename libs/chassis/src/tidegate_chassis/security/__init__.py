"""Who may do what, and how it is proven: principals, tokens, signatures and secrets."""
