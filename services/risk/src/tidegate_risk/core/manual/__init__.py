"""Orders that people place by hand: decided by the rules that every signal is decided by.

* `wish`: the command as a signal of the strategy `manual`
* `judging`: whether the parts of the command fit together
* `legs`: the same of a command with legs
* `sizing`: the order, of the very quantity that was asked for
* `answers`: what was placed and answered, so that a retry gets the same verdict
"""
