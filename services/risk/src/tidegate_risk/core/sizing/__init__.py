"""How much: sizing rules that each offer a quantity, and the target that takes the smallest."""
