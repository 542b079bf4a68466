"""Orders that execution holds because their venue has no such type, or takes no second exit.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`holding`      holds an order, resizes it, and lets it go when it is triggered
`triggers`     whether a bar triggers an order, and how a trailing trigger follows
`scanning`     the same for bars as columns: the first that could
=============  ===========================================================================
"""
