"""Emojis for the places where people use them: limits, names, and the search for a file that keeps to them."""
