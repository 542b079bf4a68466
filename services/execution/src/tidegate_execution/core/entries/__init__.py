"""Account entries: what changes holdings or cash although no order did.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`booking`      books what a venue says, each entry once, and tells it with its owners
`sharing`      whose it is: shared by what is held, exact to the last digit
`splitting`    what a split does to orders and protective exits
=============  ===========================================================================
"""
