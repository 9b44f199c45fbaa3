"""The truth in tables: SQLAlchemy over SQLite or PostgreSQL."""

from bot.store.engine import default_url
from bot.store.looking import require_database
from bot.store.migrate import migrate
from bot.store.sole import Sole
from bot.store.sql import SqlStore, open_store

__all__ = ["Sole", "SqlStore", "default_url", "migrate", "open_store", "require_database"]
