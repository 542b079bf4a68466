"""What risk knows by itself: prices, holdings, open orders and the account."""
