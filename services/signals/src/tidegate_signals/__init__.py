"""Turns bars into features and features into signals."""
