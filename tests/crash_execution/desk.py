"""People at a desk: they order what strategies do not, and replace and cancel what rests."""

from __future__ import annotations

import uuid
from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, Any

import httpx

from tidegate_cli.client import token_of
from tidegate_execution.core.orders.attached import attached_exits_id
from tidegate_kernel.identifiers import client_order_id

from .asking import ASKED, Market
from .places import PLACES

if TYPE_CHECKING:
    import random
    from collections import Counter

    from .places import Place
    from .stage import Leader, Stage

Document = dict[str, Any]
REASON = "a person wants it"
RESTING_MAX = 12
LEGS_LOOKED_AT = 4
LESS = Decimal("0.1")


class Desk:
    """Whoever orders by hand on one stage."""

    def __init__(self, stage: Stage, counts: Counter[str], chance: random.Random) -> None:
        self.counts = counts
        self._stage, self._chance = stage, chance
        self._client = httpx.Client(trust_env=False, timeout=10)
        self._named = {"authorization": f"Bearer {token_of(stage.instance.record, None)}"}
        self._asked = {place.name: cycle(ASKED[place.name]) for place in PLACES}
        # What was ordered last and may rest: its verdict's document.
        self._ordered: dict[str, list[Document]] = {place.name: [] for place in PLACES}

    def order(self, place: Place) -> bool:
        """Order what is next; tell whether risk has approved of it."""
        symbol, quantity, step, ask = next(self._asked[place.name])
        price = self._stage.waves.close_of(place, symbol)
        market = Market(symbol, price, quantity, Decimal(step), self._chance)
        body = {**ask(market), "session": place.name, "reason": REASON, "key": uuid.uuid4().hex}
        url = f"{self._stage.instance.record.http['risk']}/v1/orders"
        answer = self._client.post(url, json=body, headers=self._named)
        what = ask.__name__.removeprefix("_")
        if not answer.is_success:
            self.counts[f"refused by hand: {answer.json()['error']['code']} ({what})"] += 1
            return False
        self.counts[f"by hand: {what}"] += 1
        ordered = self._ordered[place.name]
        ordered.append(answer.json()["verdict"])
        del ordered[:-RESTING_MAX]
        return True

    def change(self, leader: Leader, place: Place) -> None:
        """Replace or cancel one of the newest orders, or move an exit of it."""
        ordered = [each for each in self._ordered[place.name] if _may_rest(each["order"])]
        if not ordered:
            return
        verdict = self._chance.choice(ordered)
        wanted = verdict["order"]
        drawn = self._chance.random()
        if wanted.get("stop_price"):
            change = _moved(wanted, "trigger_price", "stop_price")
            self._say(leader, self._exit_of(verdict), "replace", change)
        elif drawn < 0.6 and wanted.get("trigger_price"):
            change = _moved(wanted, "trigger_price", "trigger_price")
            self._say(leader, wanted["client_order_id"], "replace", change)
        elif drawn < 0.6 and wanted.get("limit_price") and not wanted.get("legs"):
            change = _moved(wanted, "limit_price", "limit_price")
            self._say(leader, wanted["client_order_id"], "replace", change)
        else:
            self._say(leader, wanted["client_order_id"], "cancel", {})

    def _exit_of(self, verdict: Document) -> str:
        """Return the id of one of the exits that an entry may have by now."""
        leg = self._chance.randint(0, LEGS_LOOKED_AT)
        if leg == 0:
            return attached_exits_id(verdict["order"]["client_order_id"])
        return client_order_id(verdict["signal_key"], leg)

    def _say(self, leader: Leader, identity: str, what: str, change: Document) -> None:
        """Give a command to execution, which may die over it."""
        url = f"http://127.0.0.1:{leader.port}/v1/orders/{identity}/{what}"
        body = {**change, "reason": REASON}
        try:
            answer = self._client.post(url, json=body, headers=self._named, timeout=1)
        except httpx.HTTPError:
            self.counts[f"{what}: cut off"] += 1
            return
        taken = "taken" if answer.is_success else "refused"
        self.counts[f"{what}: {taken}"] += 1


def _may_rest(wanted: Document) -> bool:
    """Tell whether an order, or an exit of it, may still be open a while later."""
    return bool(wanted["stop_price"]) or wanted["order_type"] != "MARKET"


def _moved(wanted: Document, name: str, of: str) -> Document:
    return {name: str(Decimal(wanted[of]) - LESS)}
