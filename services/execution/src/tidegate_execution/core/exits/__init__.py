"""Protective exits: what closes the position that an entry has opened, without being asked.

=============  ===========================================================================
module         what it does
=============  ===========================================================================
`plan`         what is remembered of one protected fill
`sizing`       how much each plan may close, whatever else closes or has closed
`keeping`      places, resizes and ends the exits until they are as they should be
=============  ===========================================================================
"""
