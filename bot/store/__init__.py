"""The truth in tables: SQLAlchemy over SQLite or PostgreSQL."""
