"""`tidegate explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_cli.errors import Misused
from tidegate_cli.output import Output
from tidegate_cli.recorded import Source, recording

if TYPE_CHECKING:
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_lab.replay.explain import Explanation

Document = Mapping[str, Any]
BAR = ("start", "end", "open", "high", "low", "close", "volume")


def run(output: Output, order: str, session: str | None, source: Source) -> None:
    """Tell why there is an order, or why a signal became none."""
    from tidegate_lab.replay.explain import Explainer

    with recording(output, source) as found:
        explanation = Explainer(found, _session(found, session)).explain(order)
    for line in lines_of(explanation):
        output.text(line)
    output.result(msgspec.to_builtins(explanation))


def _session(found: Recording, session: str | None) -> str:
    names = [each.name for each in found.configuration.sessions]
    if session is not None:
        return session
    if len(names) == 1:
        return names[0]
    hint = f"name one of {', '.join(names)}"
    raise Misused("WHICH_SESSION", "several sessions are recorded", found="no --session", hint=hint)


def lines_of(explanation: Explanation) -> list[str]:
    """Write an explanation for a person, from the fills back to the bars."""
    lines = [f"order   {explanation.client_order_id or 'none: the signal became no order'}"]
    lines.append(f"signal  {explanation.signal_key or 'none: the gate made the order'}")
    for fill in explanation.fills:
        lines += _fill(fill)
    if explanation.order is not None:
        lines += _order(explanation.order)
    if explanation.verdict is not None:
        lines += _verdict(explanation.verdict)
    if explanation.signal is not None:
        lines += _signal(explanation.signal)
    if explanation.features is not None:
        lines += _features(explanation.features)
    if explanation.bars:
        lines += ["", "bars: the last one caused the signal", *map(_bar, explanation.bars)]
    lines += ["", "inputs, the nearest first"]
    lines += [f"  {c.shard} n={c.n} {c.at} {c.kind} {c.name}" for c in explanation.causes]
    return lines


def _fill(fill: Document) -> list[str]:
    said = (
        f"{fill['side']} {fill['quantity']} {fill['symbol']} at {fill['price']}, fee {fill['fee']} "
        f"{fill['fee_currency']}, execution {fill['execution_id']}"
    )
    lines = ["", f"fill: {said}"]
    if fill["bar"] is not None:
        lines.append(f"  filled from{_bar(fill['bar'])}")
    lines += [f"  booked  {_entry(entry)}" for entry in fill["ledger"]]
    return lines


def _entry(entry: Document) -> str:
    return f"{entry['account']}  {entry['amount']} {entry['currency']}  ({entry['reason']})"


def _order(order: Document) -> list[str]:
    wanted = order["specification"]
    limit = "" if wanted["limit_price"] is None else f" at {wanted['limit_price']}"
    limit += f" from {trigger}" if (trigger := wanted["trigger_price"]) is not None else ""
    said = (
        f"{wanted['side']} {wanted['quantity']} {wanted['symbol']} {wanted['order_type']}{limit} "
        f"{wanted['time_in_force']}, strategy {order['strategy']}"
    )
    steps = [
        f"  {step['at']}  {step['state']} {step['reason_code']} {step['reason']}".rstrip()
        for step in order["events"]
    ]
    return ["", f"order: {said}", *steps]


def _by_hand(verdict: Document) -> list[str]:
    who = verdict["principal"]
    return [f"  placed by hand by {who}: {verdict['reason']}"] if who else []


def _verdict(verdict: Document) -> list[str]:
    refusal = verdict["refusal"]
    reason = "" if refusal is None else f" {refusal['code']}: {refusal['message']}"
    under = f"term {verdict['term']}, gate epoch {verdict['gate_epoch']}"
    return [
        "",
        f"verdict: {verdict['decision']}{reason} ({under})",
        *_by_hand(verdict),
        *(f"  {each['name']} = {each['value']} {each['unit']}" for each in verdict["numbers"]),
    ]


def _signal(signal: Document) -> list[str]:
    stop = "" if signal["stop_distance"] is None else f", stop {signal['stop_distance']} away"
    price = f"reference price {signal['reference_price']}{stop}"
    wish = f"{signal['direction']} {signal['symbol']}, strength {signal['strength']:g}"
    return [
        "",
        f"signal: {wish}, {price}",
        f"  strategy {signal['strategy']}, model {signal['model_version']}",
        *(f"  because {reason}" for reason in signal["reasons"]),
    ]


def _features(features: Document) -> list[str]:
    lines = ["", f"features: {features['shard']} after n={features['n']}"]
    if features["core"] != features["core_recorded"]:
        lines.append(f"  as core {features['core']} sees them, not {features['core_recorded']}")
    lines += [f"  {name}: {_plain(value)}" for name, value in features["state"].items()]
    return lines


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _bar(bar: Document) -> str:
    return "  " + "  ".join(f"{name} {bar[name]}" for name in BAR if name in bar)
