"""What every refusal tells, at the first unit that it refuses.

==========  =======================================================================================
cases       for every code a verdict that is refused for it, and one a unit away that is not
plain       limits worked out from a plain list of what was filled and ordered
told.txt    what those verdicts say, word for word and number for number; generated
==========  =======================================================================================
"""
