"""Limit orders filled by trades and quotes, and by bars of the same trades: `make test-ticks`.

==============  ==================================================================================
capture         what a venue told, as ticks and as bars of a minute
grid            the same orders against both, and how the fills differ
page            the result as a page
__main__        plays the captures, writes the page
==============  ==================================================================================
"""
