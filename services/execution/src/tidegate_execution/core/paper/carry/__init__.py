"""What holding a position costs or brings at the paper venue, without any order.

* `parameters`: rates, times and calendar that the venue is told once; empty: nothing happens;
* `schedule`: when something is due to one listing;
* `change`: of a holding and of cash; `amounts`: borrow, funding, dividends, splits, pure;
* `options`: what becomes of an option at its expiry, pure;
* `keeping`: bars in, changes of the book and entries out;
* `expiring`: the same for options, which end by the bars of two listings;
* `terms`: orders of options that are refused for their expiry;
* `scanning`: the bars of a frame that could bring something;
* `holding`: all of it, as the venue's machine asks for it around each bar.
"""
