"""Orders with legs: several options of one underlying, decided as one order.

* `wanted`: what is asked for, by a person or by a strategy's signal
* `signals`: whether the parts of a strategy's signal fit together
* `sizing`: how many structures a strategy may hold
* `deciding`: the walk through the rules, of the whole and of every leg
* `judging`: what a structure may lose, and at which price
* `reserving`: what an approval keeps back of each leg, and what reports and fills take from it
"""
