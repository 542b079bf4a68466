"""Listens to every other service and tells people what they must know."""
