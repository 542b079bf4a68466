"""Orders, trades, accounts and reports as Binance writes them: numbers are texts, times are ms."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.account import LEVERAGE
from tests.venues.exchange.orders import ZERO, Force, Kind, Side, Status

if TYPE_CHECKING:
    from tests.venues.binance.algo_service import AlgoOrder
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.orders import Execution, Order, Update

Document = dict[str, object]
NS_PER_MS = 1_000_000
SPOT_TYPES = {
    Kind.MARKET: "MARKET",
    Kind.LIMIT: "LIMIT",
    Kind.STOP: "STOP_LOSS",
    Kind.STOP_LIMIT: "STOP_LOSS_LIMIT",
    Kind.TRAILING_STOP: "STOP_LOSS",
}
CONTRACT_TYPES = {
    Kind.MARKET: "MARKET",
    Kind.LIMIT: "LIMIT",
    Kind.STOP: "STOP_MARKET",
    Kind.STOP_LIMIT: "STOP",
    Kind.TRAILING_STOP: "TRAILING_STOP_MARKET",
}


def number(value: Decimal | None) -> str:
    """Return a number with eight places."""
    return f"{value or ZERO:.8f}"


def milliseconds(at_ns: int) -> int:
    """Return a time in Binance's unit."""
    return at_ns // NS_PER_MS


def status_of(order: Order) -> str:
    """Return the state's name; what an IOC or FOK order leaves over has expired."""
    impatient = order.ticket.force in (Force.IOC, Force.FOK)
    if order.status is Status.CANCELED and impatient:
        return "EXPIRED"
    return "CANCELED" if order.status is Status.REPLACED else order.status.name


def force_of(order: Order) -> str:
    """Return the time in force; post-only has a name of its own."""
    if order.ticket.post_only:
        return "GTX"
    return "GTC" if order.ticket.force is Force.DAY else order.ticket.force.name


def spot_order(order: Order) -> Document:
    """Return a spot order."""
    ticket = order.ticket
    return {
        "symbol": ticket.symbol,
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": ticket.client_order_id,
        "price": number(ticket.limit_price),
        "origQty": number(ticket.quantity),
        "executedQty": number(order.filled),
        "cummulativeQuoteQty": number(order.value),
        "status": status_of(order),
        "timeInForce": force_of(order),
        "type": "LIMIT_MAKER" if ticket.post_only else SPOT_TYPES[ticket.kind],
        "side": ticket.side.name,
        "stopPrice": number(order.stop_now),
        "icebergQty": number(ZERO),
        "time": milliseconds(order.created_at_ns),
        "updateTime": milliseconds(order.updated_at_ns),
        "isWorking": order.triggered,
        "workingTime": milliseconds(order.created_at_ns),
        "origQuoteOrderQty": number(ZERO),
        "selfTradePreventionMode": "NONE",
    }


def spot_placed(order: Order) -> Document:
    """Return the full answer to a new spot order."""
    fills = [
        {
            "price": number(each.price),
            "qty": number(each.quantity),
            "commission": number(each.fee),
            "commissionAsset": each.fee_asset,
            "tradeId": each.number,
        }
        for each in order.executions
    ]
    return {**spot_order(order), "transactTime": milliseconds(order.updated_at_ns), "fills": fills}


def spot_trade(order: Order, execution: Execution) -> Document:
    """Return one of the account's spot trades."""
    return {
        "symbol": order.ticket.symbol,
        "id": execution.number,
        "orderId": order.number,
        "orderListId": -1,
        "price": number(execution.price),
        "qty": number(execution.quantity),
        "quoteQty": number(execution.price * execution.quantity),
        "commission": number(execution.fee),
        "commissionAsset": execution.fee_asset,
        "time": milliseconds(execution.at_ns),
        "isBuyer": order.ticket.side is Side.BUY,
        "isMaker": execution.maker,
        "isBestMatch": True,
    }


def balances(exchange: Exchange) -> list[tuple[str, Decimal, Decimal]]:
    """Return asset, free and locked of every balance."""
    held = [
        (order, exchange.market(order.ticket.symbol).listing, order.ticket.limit_price or ZERO)
        for order in exchange.open_orders()
        if order.status is not Status.HELD
    ]
    found = []
    for asset, total in exchange.account.balances.items():
        locked = exchange.account.locked(asset, held)
        found.append((asset, total - locked, locked))
    return found


def spot_account(exchange: Exchange) -> Document:
    """Return the spot account."""
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "canTrade": True,
        "canWithdraw": True,
        "canDeposit": True,
        "updateTime": milliseconds(exchange.clock()),
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": number(free), "locked": number(locked)}
            for asset, free, locked in balances(exchange)
        ],
        "permissions": ["SPOT"],
        "uid": int(exchange.account.number),
    }


def contract_order(order: Order) -> Document:
    """Return a USD-M order."""
    ticket = order.ticket
    kind = CONTRACT_TYPES[ticket.kind]
    return {
        "orderId": order.number,
        "symbol": ticket.symbol,
        "status": status_of(order),
        "clientOrderId": ticket.client_order_id,
        "price": number(ticket.limit_price),
        "avgPrice": number(order.average_price),
        "origQty": number(ticket.quantity),
        "executedQty": number(order.filled),
        "cumQty": number(order.filled),
        "cumQuote": number(order.value),
        "timeInForce": force_of(order),
        "type": kind,
        "origType": kind,
        "reduceOnly": ticket.reduce_only,
        "closePosition": False,
        "side": ticket.side.name,
        "positionSide": "BOTH",
        "stopPrice": number(order.stop_now),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": milliseconds(order.created_at_ns),
        "updateTime": milliseconds(order.updated_at_ns),
    }


def algo_order(order: AlgoOrder) -> Document:
    """Return a conditional USD-M order; what it has become is named once that is known."""
    ticket, became = order.ticket, order.known
    document: Document = {
        "algoId": order.number,
        "clientAlgoId": ticket.client_order_id,
        "algoType": "CONDITIONAL",
        "orderType": CONTRACT_TYPES[ticket.kind],
        "symbol": ticket.symbol,
        "side": ticket.side.name,
        "positionSide": "BOTH",
        "timeInForce": force_of(order.waits),
        "quantity": number(ticket.quantity),
        "algoStatus": order.status.value,
        "actualOrderId": str(became.number) if became else "",
        "actualPrice": number(became.average_price if became else None),
        "triggerPrice": number(order.waits.stop_now),
        "price": number(ticket.limit_price),
        "icebergQuantity": None,
        "tpTriggerPrice": "0.000",
        "tpPrice": "0.000",
        "slTriggerPrice": "0.000",
        "slPrice": "0.000",
        "tpOrderType": "",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": ticket.reduce_only,
        "createTime": milliseconds(order.waits.created_at_ns),
        "updateTime": milliseconds(order.updated_at_ns),
        "triggerTime": milliseconds(became.created_at_ns) if became else 0,
        "goodTillDate": 0,
    }
    if became is not None:
        document |= {"actualType": CONTRACT_TYPES[became.ticket.kind]}
        document |= {"actualQty": number(became.filled)}
    return document


def contract_trade(order: Order, execution: Execution) -> Document:
    """Return one of the account's USD-M trades."""
    return {
        "symbol": order.ticket.symbol,
        "id": execution.number,
        "orderId": order.number,
        "side": order.ticket.side.name,
        "price": number(execution.price),
        "qty": number(execution.quantity),
        "realizedPnl": number(ZERO),
        "quoteQty": number(execution.price * execution.quantity),
        "commission": number(execution.fee),
        "commissionAsset": execution.fee_asset,
        "time": milliseconds(execution.at_ns),
        "positionSide": "BOTH",
        "buyer": order.ticket.side is Side.BUY,
        "maker": execution.maker,
    }


def contract_positions(exchange: Exchange) -> list[Document]:
    """Return the risk of every position."""
    found: list[Document] = []
    for symbol, position in exchange.account.positions.items():
        last = exchange.market(symbol).last
        found.append(
            {
                "symbol": symbol,
                "positionAmt": number(position.quantity),
                "entryPrice": number(position.entry_price),
                "breakEvenPrice": number(position.entry_price),
                "markPrice": number(last),
                "unRealizedProfit": number((last - position.entry_price) * position.quantity),
                "liquidationPrice": "0",
                "leverage": str(LEVERAGE),
                "marginType": "cross",
                "isolatedMargin": "0.00000000",
                "isolatedWallet": "0",
                "isAutoAddMargin": "false",
                "positionSide": "BOTH",
                "notional": number(last * position.quantity),
                "updateTime": milliseconds(exchange.clock()),
            }
        )
    return found


def contract_account(exchange: Exchange) -> Document:
    """Return the USD-M account."""
    wallet = exchange.account.balances.get("USDT", ZERO)
    zeros = dict.fromkeys(
        (
            "initialMargin",
            "maintMargin",
            "positionInitialMargin",
            "openOrderInitialMargin",
            "unrealizedProfit",
        ),
        "0.00000000",
    )
    asset = {
        "asset": "USDT",
        "walletBalance": number(wallet),
        "marginBalance": number(wallet),
        "crossWalletBalance": number(wallet),
        "crossUnPnl": "0.00000000",
        "availableBalance": number(wallet),
        "maxWithdrawAmount": number(wallet),
        "marginAvailable": True,
        "updateTime": milliseconds(exchange.clock()),
        **zeros,
    }
    return {
        "feeTier": 0,
        "canTrade": True,
        "totalWalletBalance": number(wallet),
        "totalMarginBalance": number(wallet),
        "availableBalance": number(wallet),
        "maxWithdrawAmount": number(wallet),
        "multiAssetsMargin": False,
        "updateTime": milliseconds(exchange.clock()),
        "assets": [asset],
        "positions": contract_positions(exchange),
    }


def execution_report(update: Update) -> Document:
    """Return a spot report of the private stream."""
    order, execution = update.order, update.execution
    ticket = order.ticket
    ended = {
        "canceled": "CANCELED",
        "replaced": "CANCELED",
        "expired": "EXPIRED",
        "rejected": "REJECTED",
    }
    what = "TRADE" if execution is not None else ended.get(update.what, "NEW")
    return {
        "e": "executionReport",
        "E": milliseconds(update.at_ns),
        "s": ticket.symbol,
        "c": ticket.client_order_id,
        "S": ticket.side.name,
        "o": SPOT_TYPES[ticket.kind],
        "f": force_of(order),
        "q": number(ticket.quantity),
        "p": number(ticket.limit_price),
        "P": number(order.stop_now),
        "F": number(ZERO),
        "g": -1,
        "C": "",
        "x": what,
        "X": status_of(order),
        "r": order.reason or "NONE",
        "i": order.number,
        "l": number(execution.quantity if execution else None),
        "z": number(execution.cumulative if execution else order.filled),
        "L": number(execution.price if execution else None),
        "n": number(execution.fee) if execution else "0",
        "N": execution.fee_asset if execution else None,
        "T": milliseconds(update.at_ns),
        "t": execution.number if execution else -1,
        "I": update.number,
        "w": order.is_open,
        "m": bool(execution and execution.maker),
        "M": False,
        "O": milliseconds(order.created_at_ns),
        "Z": number(order.value),
        "Y": number(execution.price * execution.quantity if execution else None),
        "Q": number(ZERO),
        "V": "NONE",
    }


def order_trade_update(update: Update) -> Document:
    """Return a USD-M report of the private stream."""
    order, execution = update.order, update.execution
    ticket = order.ticket
    ended = {
        "canceled": "CANCELED",
        "replaced": "CANCELED",
        "expired": "EXPIRED",
        "rejected": "REJECTED",
    }
    kind = CONTRACT_TYPES[ticket.kind]
    report: Document = {
        "s": ticket.symbol,
        "c": ticket.client_order_id,
        "S": ticket.side.name,
        "o": kind,
        "ot": kind,
        "f": force_of(order),
        "q": number(ticket.quantity),
        "p": number(ticket.limit_price),
        "ap": number(order.average_price),
        "sp": number(order.stop_now),
        "x": "TRADE" if execution is not None else ended.get(update.what, "NEW"),
        "X": status_of(order),
        "i": order.number,
        "l": number(execution.quantity if execution else None),
        "z": number(execution.cumulative if execution else order.filled),
        "L": number(execution.price if execution else None),
        "T": milliseconds(update.at_ns),
        "t": execution.number if execution else 0,
        "b": "0",
        "a": "0",
        "m": bool(execution and execution.maker),
        "R": ticket.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ps": "BOTH",
        "cp": False,
        "rp": "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": "NONE",
    }
    if execution is not None:
        report |= {"n": number(execution.fee), "N": execution.fee_asset}
    at = milliseconds(update.at_ns)
    return {"e": "ORDER_TRADE_UPDATE", "E": at, "T": at, "o": report}


def algo_update(order: AlgoOrder) -> Document:
    """Return what the private stream says of a conditional USD-M order."""
    ticket, became = order.ticket, order.known
    at = milliseconds(order.updated_at_ns)
    report: Document = {
        "caid": ticket.client_order_id,
        "aid": order.number,
        "at": "CONDITIONAL",
        "o": CONTRACT_TYPES[ticket.kind],
        "s": ticket.symbol,
        "S": ticket.side.name,
        "ps": "BOTH",
        "f": force_of(order.waits),
        "q": number(ticket.quantity),
        "X": order.status.value,
        "ai": str(became.number) if became else "",
        "ap": number(became.average_price if became else None),
        "aq": number(became.filled if became else None),
        "act": CONTRACT_TYPES[became.ticket.kind] if became else "0",
        "tp": number(order.waits.stop_now),
        "p": number(ticket.limit_price),
        "V": "EXPIRE_MAKER",
        "wt": "CONTRACT_PRICE",
        "pm": "NONE",
        "cp": False,
        "pP": False,
        "R": ticket.reduce_only,
        "tt": milliseconds(became.created_at_ns) if became else 0,
        "gtd": 0,
        "rm": order.reason,
    }
    return {"e": "ALGO_UPDATE", "T": at, "E": at, "o": report}
