"""The pure heart: what a machine is, and the words that every core shares."""
