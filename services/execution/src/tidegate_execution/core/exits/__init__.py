"""Protective exits: what closes the position that an entry has opened, without being asked.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`plan`         what is remembered of one protected fill
`sizing`       how much each plan may close, whatever else closes or has closed
`form`         what an exit is ordered as: a stop, a target, or both as one order
`attached`     exits that are sent with their entry, where the venue makes both at once
`room`         whether an exit may leave beside everything that may still fill
`keeping`      places, resizes and ends the exits until they are as they should be
=============  ===========================================================================
"""
