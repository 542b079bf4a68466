"""I/O: files, the packaged demo data, the last quotes and HTTP."""
