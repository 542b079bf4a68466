"""The messages between Tidegate's services, as frozen types with their codecs."""
