"""Use cases: they import the domain only and get ports as arguments."""
