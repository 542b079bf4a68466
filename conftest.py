"""What holds for every test of the workspace."""

from hypothesis import settings

# A shared machine may stall for longer than Hypothesis' limit for one example; pytest-timeout
# bounds the whole test instead. The blob lets anyone repeat a failure.
settings.register_profile("tidegate", deadline=None, print_blob=True)
settings.load_profile("tidegate")
