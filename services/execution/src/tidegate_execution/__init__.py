"""Checks each verdict at the last hop, writes the order down and sends it to the venue."""
