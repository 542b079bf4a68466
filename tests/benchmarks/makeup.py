"""What the live latency is made of: measured steps, beside what their parts cost alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.benchmarks.latency import STEPS, TOTAL, Latency

_CODECS = ("Bar", "Signal", "Verdict")
_MACHINES = (
    "machine: signals, Bar to Signal",
    "machine: risk, Signal to Verdict",
    "machine: execution, Verdict to SubmitOrder",
)
_GROUPS = (
    ("hops over nats-server (3)", "hop"),
    ("waits in a process (3)", "waits"),
    ("machine, codec, hash, signature (3)", "machine, codec"),
    ("journal commits (3)", ": journal commit"),
    ("venue: hand-over, machine, commit, answer", "venue"),
)
HOPS, COMMITS = 3, 3
Part = tuple[float, float]


def makeup_us(latency: Latency, parts: Mapping[str, float]) -> dict[str, Part]:
    """Return the median of the total, divided: each group as it was, and what it costs alone.

    A message is encoded by its writer, decoded by its reader and written into the reader's
    journal: one and a half times encode + decode. Alone means measured in a loop with nothing
    else to do; where nothing was, it is 0. The rest is there because medians do not add up.
    """
    alone = {
        "hop": HOPS * parts["bus: one hop over nats-server"],
        "machine, codec": sum(parts[name] for name in _MACHINES)
        + 1.5 * sum(parts[f"codec: encode + decode of a {n}"] for n in _CODECS)
        + 2 * COMMITS * parts["chain hash"]
        + COMMITS * parts["envelope: pack + unpack"]
        + parts["signature: sign"]
        + parts["signature: verify"],
        ": journal commit": COMMITS * parts["journal commit: 1 input, 1 message"],
    }
    made = {
        title: (
            sum(latency.quantiles(first, last)[0] for name, first, last in STEPS if word in name),
            alone.get(word, 0.0),
        )
        for title, word in _GROUPS
    }
    found = sum(value for value, _ in made.values())
    made["the rest"] = (latency.quantiles(*TOTAL)[0] - found, 0.0)
    return made


def print_makeup(made: Mapping[str, Part], say: Callable[[str], None] = print) -> None:
    """Print the division."""
    total = sum(value for value, _ in made.values())
    say(f"  {'part':<46} {'us':>9} {'share':>10} {'alone us':>9}")
    for name, (value, alone) in made.items():
        say(f"  {name:<46} {value:>9.0f} {100 * value / total:>8.1f} % {alone:>9.0f}")
