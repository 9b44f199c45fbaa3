"""How the tables came to be, one revision after the other; Alembic reads this package as its script directory."""
