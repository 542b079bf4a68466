"""The paper venue: a venue like any other, behind the same port.

* `machine`: calls and bars in, answers and reports out;
* `parameters`: what it is told once;
* `forms`, `admission`: what it refuses, by the order's form and by the account;
* `margin`: what short positions keep from being spent;
* `book`: what it remembers; `remembering`: the last bars, made only when somebody looks;
* `resting`: an open order, and when bars may act on it;
* `structures`: orders with legs, judged at their net price;
* `paths`: in which order a bar reached its prices;
* `matching`: what a price of a bar does to one order; `triggers`: of stops;
* `slippage`, `fees`: how much worse the taker fills, and what an execution costs;
* `filling`: one bar and all open orders of its listing; `choices`: orders that exclude each other;
* `scanning`: the bars of a frame that could do something;
* `ticks`: the same orders against trades and quotes, which no session uses yet.
"""
