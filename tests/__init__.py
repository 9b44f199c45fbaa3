"""Tests: of rules, of contracts, of whole stories, and of the house itself."""
