#!/usr/bin/env python3
"""What a service's image runs: it becomes the service that the image was built for."""

import os
import sys

service = os.environ["TIDEGATE_SERVICE"]  # noqa: TID251 - the image's own
module = f"tidegate_{service.replace('-', '_')}"
os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606 - the image's own
