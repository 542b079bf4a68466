"""The wire form of messages (upb). Private: everybody else uses `tidegate_contracts.codec`."""
