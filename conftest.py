"""What holds for every test of the workspace."""

from hypothesis import Phase, settings

# A shared machine may stall for longer than Hypothesis' limit for one example; pytest-timeout
# bounds the whole test instead. The blob lets anyone repeat a failure.
settings.register_profile("tidegate", deadline=None, print_blob=True)
settings.load_profile("tidegate")

# `make test-mutation` asks every test again and again: few examples, always the same, and nobody
# reads how one that fails could be shorter.
settings.register_profile(
    "mutation",
    settings.get_profile("tidegate"),
    max_examples=30,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
