"""Execution algorithms: an order that is carried out in slices, one after the other.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`plan`         what is remembered of a sliced order; its start, and its slices' fills
`twap`         equal slices at equal times
`vwap`         a share of what each bar traded
`iceberg`      a limit order of which only a part is open
`keeping`      places, renews and ends slices, and ends the sliced order after them
=============  ===========================================================================
"""
