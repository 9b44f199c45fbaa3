"""Whole stories over the two local worlds."""
