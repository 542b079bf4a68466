"""The one live host: it runs a machine on NATS with a journal, a lease and telemetry."""
