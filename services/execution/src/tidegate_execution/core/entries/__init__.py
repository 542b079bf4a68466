"""Account entries: what changes holdings or cash although no order did.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`listed`       takes in what a venue lists of its own bookings, before the account is compared
`booking`      books what a venue says, each entry once, and tells it with its owners
`sharing`      whose it is: shared by what is held, exact to the last digit
`adjusting`    books away what differs from the venue, when two people want exactly that
`splitting`    what a split does to orders and protective exits
=============  ===========================================================================
"""
