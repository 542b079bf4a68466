"""What execution does with the world: the guard, the kill switch, venues, queries and rows."""
