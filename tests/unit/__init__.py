"""Rules tested without a world."""
