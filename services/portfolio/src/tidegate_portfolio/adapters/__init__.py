"""What the books look like from outside: rows for queries and the HTTP that serves them."""
