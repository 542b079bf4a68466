"""Files, HTTP and Valkey: everything of market data that touches the outside.

============  ====================================================================================
catalog       the datasets of this process, by feed
dataset       validated bars of a feed: what every reader asks, and bars in memory
streamed      the same bars, read from their files whenever they are asked for
period        the bars of a part of the time
replay        a dataset as the source of a feed
files         loads files and folders into one dataset; the steps that follow, in their order:
table         reads a file, or a part of one, into raw columns
timestamps    the start of each bar as UTC nanoseconds
numbers       prices and volumes as floats, and as integers in a scale
rows          a part's rows as arrays, each value judged
pieces        rows of several parts put together, sorted by symbol and time
steps         each start once, all on one grid
timeframe     the length of a bar
scales        the scales of each symbol's prices and volumes
slabs         parts put together by ranges of time, as many in memory as asked for
instruments   what a file's symbol is
demo_data     the packaged demo data
last_quotes   the last quote of each symbol, in memory and in Valkey
projection    rows that queries read
http          the service's queries
============  ====================================================================================
"""
