"""A verdict in words: why this order, why this size, or why none; every number that it holds.

Numbers find their place by their names: ``quantity_by_x`` is an offer of the sizing, ``limit_x``
bounds ``x`` or ``x_after``, and ``x_before`` is `x` without the order. What has no such place is
told under what was known, so that a number that a newer rule adds is never left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from tidegate_kernel.gate import Level
from tidegate_kernel.money import plain
from tidegate_kernel.time import NS_PER_MILLISECOND, format_duration, format_time

Document = dict[str, Any]
OFFER, LIMIT, BEFORE, AFTER = "quantity_by_", "limit_", "_before", "_after"
_WHOLE = 1
_LIVES = {"DAY": "until the day ends", "IOC": "at once or not at all", "FOK": "whole or not at all"}
_ABBREVIATIONS = {"var": "VaR", "cvar": "CVaR"}
_LEVEL = "level"


class Told(NamedTuple):
    """A number as the verdict has it."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        """Write it with thousands apart and at most eight decimals; the gate's levels by name."""
        if self.unit == _LEVEL and self.value in set(Level):
            return Level(int(self.value)).name
        places = max(-int(self.value.as_tuple().exponent), 0)
        text = f"{self.value:,.{min(places, 8)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text} {self.unit}".strip()


def explained(verdict: Document) -> list[str]:
    """Return the sentences, the answer first."""
    numbers = {
        name: Told(Decimal(each["value"]), each["unit"])
        for name, each in verdict["numbers"].items()
    }
    told: set[str] = set()
    size = _size(verdict, numbers, told)
    bounds = _bounds(numbers, told)
    known = [f"{_words(name)} {each}" for name, each in numbers.items() if name not in told]
    sentences = [_answer(verdict), *_by_hand(verdict), *size, *bounds]
    if known:
        sentences.append(f"Known at that moment: {', '.join(known)}.")
    return [*sentences, _basis(verdict)]


def _answer(verdict: Document) -> str:
    who, symbol = verdict["strategy"], verdict["symbol"]
    order = verdict["order"]
    if verdict["decision"] != "APPROVED":
        return f"Refused, {verdict['code']}: {verdict['message']}"
    if order is None or Decimal(order["quantity"]) == 0:
        return (
            f"Approved: {who} holds nothing of {symbol} yet; its open entry orders are cancelled, "
            "and whatever they have filled by then is closed."
        )
    only = "; it may only reduce the position" if order["reduce_only"] else ""
    verb = "buys" if order["side"] == "BUY" else "sells"
    what = f"{order['quantity']} {_legs(order.get('legs')) or symbol}"
    return (
        f"Approved: {who} {verb} {what} on {order['venue']} "
        f"{placed(order)}{only}. Every rule passed."
    )


def _legs(legs: list[Document] | None) -> str:
    """Tell what one of a structure holds."""
    if not legs:
        return ""
    told = (f"{'+' if leg['side'] == 'BUY' else '-'}{leg['ratio']} {leg['symbol']}" for leg in legs)
    return f"units of {', '.join(told)}"


def placed(order: Document) -> str:
    """Tell how an order is to work: at which price, from which trigger, until when.

    Documents that an older release has written know only the limit and the time in force.
    """
    limit, trigger = order["limit_price"], order.get("trigger_price")
    kind = "at market" if limit is None else f"at {limit} or better"
    if trigger is not None:
        kind += f" once the market trades at {trigger}"
    percent = order.get("trail_percent")
    trail = order.get("trail_amount") or (percent and f"{percent} %")
    if trail:
        kind += f" once the market has turned by {trail}"
    if order.get("post_only"):
        kind += ", never as a taker"
    if order.get("extended_hours"):
        kind += ", also around the regular session"
    if order.get("algorithm"):
        kind += _sliced(order["algorithm"])
    if order.get("expires_at_ns"):
        return f"{kind}, until {format_time(order['expires_at_ns'])}"
    until = _LIVES.get(order["time_in_force"])
    return f"{kind}, {until}" if until else kind


def _sliced(algorithm: Document) -> str:
    """Tell how an order is cut into slices."""
    over = format_duration(algorithm["duration_ns"] // NS_PER_MILLISECOND * NS_PER_MILLISECOND)
    if algorithm["kind"] == "TWAP":
        return f", in {algorithm['slices']} equal slices over {over}"
    if algorithm["kind"] == "VWAP":
        share = plain(Decimal(algorithm["participation"]) * 100)
        return f", as {share} % of what each bar trades for {over}"
    return f", of which {algorithm['display_quantity']} are open at a time"


def _by_hand(verdict: Document) -> list[str]:
    who = verdict.get("principal")
    return [f"Placed by hand by {who}: {verdict['reason']}."] if who else []


def _size(verdict: Document, numbers: dict[str, Told], told: set[str]) -> list[str]:
    offers = {name: each for name, each in numbers.items() if name.startswith(OFFER)}
    order = verdict["order"]
    quantity = numbers.get("quantity")
    if not offers:
        if order is not None and order["reduce_only"] and quantity is not None:
            told.add("quantity")
            if not verdict.get("principal"):
                return [f"Size: {quantity}, what the strategy holds and does not close already."]
            told.add("wanted_quantity")
            wanted = numbers["wanted_quantity"]
            less = "" if wanted == quantity else f" of the {wanted} that were asked for: no more is"
            return [f"Size: {quantity}{less or ', as asked for, of what is'} held and not closed."]
        return []
    told.update(offers)
    said = ", ".join(f"{each} {_words(name[len(OFFER) :])}" for name, each in offers.items())
    smallest = min(offers, key=lambda name: offers[name].value)
    sentence = f"Size: the rules of sizing offer {said}; the smallest counts"
    if len(offers) > _WHOLE:
        sentence += f", {_words(smallest[len(OFFER) :])}"
    sentence += ", rounded down to the lot, less what is held and on order already"
    if quantity is not None:
        told.add("quantity")
        sentence += f": {quantity}"
    return [f"{sentence}."]


def _bounds(numbers: dict[str, Told], told: set[str]) -> list[str]:
    """Return a sentence for every limit that bounds a number of the verdict."""
    sentences = []
    for name, limit in numbers.items():
        what = name.removeprefix(LIMIT)
        after = next((each for each in (f"{what}{AFTER}", what) if each in numbers), None)
        if not name.startswith(LIMIT) or after is None:
            continue
        told.update((name, after, f"{what}{BEFORE}"))
        before = numbers.get(f"{what}{BEFORE}")
        without = f" ({before} without the order)" if before is not None else ""
        share = f", {numbers[after].value / limit.value:.0%} of it" if limit.value > 0 else ""
        sentences.append(
            f"{_capitalised(_words(what))}: {numbers[after]}{without}, of at most {limit}{share}."
        )
    return sentences


def _basis(verdict: Document) -> str:
    expires = verdict["expires_at_ns"]
    until = f" It counts until {format_time(expires)}." if expires else ""
    decided = format_time(max(verdict["decided_at_ns"], 0))
    return (
        f"Decided at {decided} under version {verdict.get('limits_version', 0)} of the limits, "
        f"in term {verdict['term']}, with the gate at epoch {verdict['gate_epoch']}.{until}"
    )


def _words(name: str) -> str:
    return " ".join(_ABBREVIATIONS.get(word, word) for word in name.split("_"))


def _capitalised(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
