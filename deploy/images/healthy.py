#!/usr/bin/env python3
"""A container's health check: exit code 0 when the address given answers with 200.

The images hold no curl. The one argument has no spaces, because some runtimes split at them.
"""

import sys
import urllib.error
import urllib.request

PATIENCE_S = 3.0
OK = 200

try:
    with urllib.request.urlopen(sys.argv[1], timeout=PATIENCE_S) as answer:  # noqa: S310 - the image's own
        is_healthy = answer.status == OK
except (OSError, urllib.error.URLError) as error:
    sys.stderr.write(f"{sys.argv[1]}: {error}\n")
    is_healthy = False
sys.exit(not is_healthy)
