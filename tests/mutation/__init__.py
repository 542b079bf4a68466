"""Whether the tests of risk's core notice when a line of it is changed.

==========  =======================================================================================
workspace   a copy of risk in `.mutation/`, where mutmut changes it and remembers what it has done
score       how many changes were noticed, room by room
==========  =======================================================================================

`make test-mutation` runs `__main__`. It may be stopped and started again: what was judged stays
judged until its function changes.
"""
