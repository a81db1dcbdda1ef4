"""A meeting and what can be counted in it."""
