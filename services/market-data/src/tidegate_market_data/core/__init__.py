"""The pure part: which bars may be believed, and what a feed says about itself."""
