"""What the live latency is made of: measured steps, and the parts that were measured alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.benchmarks.latency import STEPS, TOTAL, Latency

_CODECS = ("Bar", "Signal", "Verdict", "SubmitOrder", "OrderAccepted")
_MACHINES = (
    "machine: signals, Bar to Signal",
    "machine: risk, Signal to Verdict",
    "machine: execution, Verdict to SubmitOrder",
    "machine: venue, SubmitOrder to OrderAccepted",
)
COMMITS = 4


def makeup_us(latency: Latency, parts: Mapping[str, float]) -> dict[str, float]:
    """Return the median of the total, divided: hops as they were, parts as they are alone.

    A message is encoded by its writer, decoded by its reader and written into the reader's
    journal: one and a half times encode + decode. What no part explains is the rest: processes
    that wait for one of the two processors, event loops, and commits that wait for others'.
    """
    hops = sum(latency.quantiles(first, last)[0] for name, first, last in STEPS if "hop" in name)
    waits = sum(latency.quantiles(first, last)[0] for name, first, last in STEPS if "wait" in name)
    made = {
        "hops over nats-server (3)": hops,
        "waits in a process (3)": waits,
        "machines (4)": sum(parts[name] for name in _MACHINES),
        "codec (5 messages)": 1.5 * sum(parts[f"codec: encode + decode of a {n}"] for n in _CODECS),
        "hash, envelope, signature": 2 * COMMITS * (parts["chain hash"])
        + COMMITS * parts["envelope: pack + unpack"]
        + parts["signature: sign"]
        + parts["signature: verify"],
        "journal commits alone (4)": COMMITS * parts["journal commit: 1 input, 1 message"],
    }
    total = latency.quantiles(*TOTAL)[0]
    made["the rest: event loops, contention"] = total - sum(made.values())
    return made


def print_makeup(made: Mapping[str, float], say: Callable[[str], None] = print) -> None:
    """Print the division."""
    total = sum(made.values())
    for name, value in made.items():
        say(f"  {name:<46} {value:>9.0f} {100 * value / total:>8.1f} %")
