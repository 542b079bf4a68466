"""What execution does with the world: the guard, the kill switch, queries and rows."""
