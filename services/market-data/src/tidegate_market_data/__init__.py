"""Receives ticks and bars, validates them and publishes closed bars."""
