"""Orders, positions, account and updates as Alpaca writes them: numbers are texts."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.orders import MULTI_LEG, ZERO, Kind, Side, Status

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.listings import Listing
    from tests.venues.exchange.orders import Execution, Order, Update

Document = dict[str, object]
SPACE = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
NS_PER_SECOND = 1_000_000_000


def time_text(at_ns: int) -> str:
    """Return a time as RFC 3339 with nanoseconds."""
    whole, rest = divmod(at_ns, NS_PER_SECOND)
    seconds = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{seconds}.{rest:09d}Z" if rest else f"{seconds}Z"


def time_ns(text: str) -> int:
    """Read a time or a date."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * NS_PER_SECOND + moment.microsecond * 1_000


def number(value: Decimal | None) -> str | None:
    """Return a number as plain text."""
    return None if value is None else f"{value.normalize():f}"


def asset_id(symbol: str) -> str:
    """Return the id of an asset."""
    return str(uuid.uuid5(SPACE, symbol))


def order_document(order: Order, listing: Listing, *, nested: bool = True) -> Document:
    """Return an order."""
    ticket = order.ticket
    status = order.status
    ended = time_text(order.ended_at_ns) if order.ended_at_ns else None
    average = order.average_price
    several = order.order_class == MULTI_LEG and not order.parent_id
    kind = "" if order.parent_id else ticket.kind.value
    legs = [order_document(leg, listing) for leg in order.legs] if nested and order.legs else None
    return {
        "id": order.order_id,
        "client_order_id": ticket.client_order_id,
        "created_at": time_text(order.created_at_ns),
        "updated_at": time_text(order.updated_at_ns),
        "submitted_at": time_text(order.created_at_ns),
        "filled_at": ended if status is Status.FILLED else None,
        "expired_at": ended if status is Status.EXPIRED else None,
        "cancel_requested_at": None,
        "canceled_at": ended if status is Status.CANCELED else None,
        "failed_at": ended if status is Status.REJECTED else None,
        "replaced_at": ended if status is Status.REPLACED else None,
        "replaced_by": order.replaced_by or None,
        "replaces": order.replaces or None,
        "asset_id": "" if several else asset_id(ticket.symbol),
        "symbol": "" if several else ticket.symbol,
        "asset_class": "" if several else listing.asset_class,
        "notional": None,
        "qty": number(ticket.quantity),
        "filled_qty": number(order.filled),
        "filled_avg_price": number(average),
        "order_class": order.order_class,
        "order_type": kind,
        "type": kind,
        "side": "" if several else ticket.side.value,
        "position_intent": "" if several else ticket.intent or None,
        **({"ratio_qty": number(ticket.ratio)} if order.parent_id else {}),
        "time_in_force": ticket.force.value,
        "limit_price": number(ticket.limit_price),
        "stop_price": number(order.stop_now if ticket.kind is not Kind.LIMIT else None),
        "status": status.value,
        "extended_hours": ticket.extended_hours,
        "legs": legs,
        "trail_percent": number(ticket.trail_percent),
        "trail_price": number(ticket.trail_amount),
        "hwm": number(order.extreme),
        "expires_at": None,
        "subtag": None,
        "source": None,
    }


def update_document(update: Update, listing: Listing) -> Document:
    """Return a message of the stream of trade updates."""
    # Of exits the stream says nothing but in messages of their own.
    several = update.order.order_class == MULTI_LEG
    data: Document = {
        "at": time_text(update.at_ns),
        "event_id": f"01{update.number:024d}",
        "event": update.what,
        "timestamp": time_text(update.at_ns),
        "order": order_document(update.order, listing, nested=several),
    }
    if update.what == "new":
        data["execution_id"] = str(uuid.uuid5(SPACE, f"new {update.order.order_id}"))
    execution = update.execution
    if execution is not None:
        data["timestamp"] = time_text(execution.at_ns)
        data["price"] = number(execution.price)
        data["qty"] = number(execution.quantity)
        data["position_qty"] = number(execution.position)
        data["execution_id"] = execution.execution_id
        data["swap_rate"] = "1"
        data["settle_date"] = time_text(execution.at_ns)[:10]
    return {"stream": "trade_updates", "data": data}


def fill_document(order: Order, execution: Execution) -> Document:
    """Return a trade activity."""
    leaves = order.ticket.quantity - execution.cumulative
    moment = datetime.fromtimestamp(execution.at_ns // NS_PER_SECOND, UTC)
    milliseconds = execution.at_ns % NS_PER_SECOND // 1_000_000
    return {
        "id": f"{moment:%Y%m%d%H%M%S}{milliseconds:03d}::{execution.execution_id}",
        "activity_type": "FILL",
        "transaction_time": time_text(execution.at_ns),
        "type": "partial_fill" if leaves else "fill",
        "price": number(execution.price),
        "qty": number(execution.quantity),
        "side": order.ticket.side.value,
        "symbol": order.ticket.symbol,
        "leaves_qty": number(leaves),
        "order_id": order.order_id,
        "cum_qty": number(execution.cumulative),
        "order_status": "partially_filled" if leaves else "filled",
    }


def account_document(exchange: Exchange) -> Document:
    """Return the account."""
    cash = exchange.account.balances.get("USD", ZERO)
    values = [_market_value(exchange, symbol) for symbol in exchange.account.positions]
    long = sum((each for each in values if each > 0), ZERO)
    short = sum((each for each in values if each < 0), ZERO)
    equity = number(cash + long + short)
    names = ("account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user")
    money = (
        "buying_power",
        "regt_buying_power",
        "non_marginable_buying_power",
        "options_buying_power",
    )
    return {
        "id": asset_id(exchange.account.number),
        "account_number": exchange.account.number,
        "status": "ACTIVE",
        "crypto_status": "ACTIVE",
        "crypto_tier": 1,
        "currency": "USD",
        "cash": number(cash),
        "equity": equity,
        "last_equity": equity,
        "portfolio_value": equity,
        "long_market_value": number(long),
        "short_market_value": number(short),
        "initial_margin": "0",
        "maintenance_margin": "0",
        "last_maintenance_margin": "0",
        "accrued_fees": "0",
        "pending_transfer_in": "0",
        "sma": "0",
        "multiplier": "1",
        "shorting_enabled": True,
        "created_at": "2020-01-01T00:00:00Z",
        "options_approved_level": 3,
        "options_trading_level": 3,
        **dict.fromkeys(names, False),
        **dict.fromkeys(money, number(cash)),
    }


def position_document(exchange: Exchange, symbol: str) -> Document:
    """Return a position. Crypto pairs are written without their slash here, as Alpaca does."""
    position = exchange.account.positions[symbol]
    market = exchange.market(symbol)
    value = _market_value(exchange, symbol)
    cost = position.quantity * position.entry_price * market.listing.multiplier
    profit = value - cost
    return {
        "asset_id": asset_id(symbol),
        "symbol": symbol.replace("/", ""),
        "exchange": "CRYPTO" if market.listing.asset_class == "crypto" else "NASDAQ",
        "asset_class": market.listing.asset_class,
        "asset_marginable": False,
        "qty": number(position.quantity),
        "qty_available": number(position.quantity),
        "avg_entry_price": number(position.entry_price),
        "side": "long" if position.quantity > 0 else "short",
        "market_value": number(value),
        "cost_basis": number(cost),
        "unrealized_pl": number(profit),
        "unrealized_plpc": "0",
        "unrealized_intraday_pl": number(profit),
        "unrealized_intraday_plpc": "0",
        "current_price": number(market.last),
        "lastday_price": number(market.last),
        "change_today": "0",
    }


def _market_value(exchange: Exchange, symbol: str) -> Decimal:
    market = exchange.market(symbol)
    return exchange.account.positions[symbol].quantity * market.last * market.listing.multiplier


def asset_document(listing: Listing) -> Document:
    """Return an asset."""
    crypto = listing.asset_class == "crypto"
    document: Document = {
        "id": asset_id(listing.symbol),
        "class": listing.asset_class,
        "exchange": "CRYPTO" if crypto else "NASDAQ",
        "symbol": listing.symbol,
        "name": f"{listing.base} of the test venue",
        "status": "active",
        "tradable": True,
        "marginable": listing.shortable,
        "shortable": listing.shortable,
        "easy_to_borrow": listing.shortable,
        "fractionable": listing.lot < 1,
        "attributes": [],
    }
    if crypto:
        document["min_order_size"] = number(listing.min_quantity)
        document["min_trade_increment"] = number(listing.lot)
        document["price_increment"] = number(listing.tick)
    return document


def is_contract(symbol: str) -> bool:
    """Tell whether a symbol is an option's."""
    return re.fullmatch(r"[A-Z]{1,6}\d{6}[CP]\d{8}", symbol) is not None


def contract_document(listing: Listing) -> Document:
    """Return an option contract, read from its OCC symbol."""
    root, rest = listing.symbol[:-15], listing.symbol[-15:]
    strike = Decimal(rest[7:]) / 1000
    return {
        "id": asset_id(listing.symbol),
        "symbol": listing.symbol,
        "name": f"{root} {rest[:6]} {number(strike)}",
        "status": "active",
        "tradable": True,
        "expiration_date": f"20{rest[:2]}-{rest[2:4]}-{rest[4:6]}",
        "root_symbol": root,
        "underlying_symbol": root,
        "underlying_asset_id": asset_id(root),
        "type": "call" if rest[6] == "C" else "put",
        "style": "american",
        "strike_price": number(strike),
        "multiplier": number(listing.multiplier),
        "size": "100",
        "open_interest": None,
        "open_interest_date": None,
        "close_price": None,
        "close_price_date": None,
    }


def opposite(side: Side) -> Side:
    """Return the other side."""
    return Side.SELL if side is Side.BUY else Side.BUY
