"""The pure part: features, strategies, and the machine that turns bars into signals."""
