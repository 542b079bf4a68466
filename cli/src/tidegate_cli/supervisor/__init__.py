"""The supervisor: starts the servers and services of one instance, watches them, ends them."""
