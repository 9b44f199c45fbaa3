"""Rules of the house, kept by tests."""
