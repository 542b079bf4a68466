"""Alpaca, paper and live, through its own client.

* `failures`: what a call can end with: refused, unproven, never sent.
* `bounded_client`: alpaca-py's client with a time limit, exact numbers and no repeats of its own.
* `client`: its calls, each ending as an answer or as a failure.
* `deadlines`: blocking calls in threads, behind our own deadline.
* `fields`: numbers and times of answers, exact, or an error that names the field.
* `orders`: from our specification to a posted order, and from its answers to what they prove.
* `structures`: orders of several legs, whose parts are orders too.
* `choices`: a stop and a target in one order, of which only one fills.
* `attached`: exits that are sent with their entry, told as the one order that they are.
* `account`: open orders, holdings and cash.
* `fees`: what an execution has cost, by Alpaca's schedule.
* `executions`: the fills of an order, from the account's activities.
* `activities`: what the venue has booked by itself, page by page.
* `bookings`: activities that are no trades, as entries.
* `port`: the venue's port: submit, cancel, query.
* `reports`: a message of the private stream as a report.
* `listening_stream`: alpaca-py's private stream, telling when it listens.
* `updates`: the private stream in a thread of its own, with a watchdog.
* `venue`: all of it for one session.
"""
