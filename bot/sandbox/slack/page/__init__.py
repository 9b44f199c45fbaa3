"""The page on which a person uses the local Slack: its files, its menu of failures, and its guard."""

from .failures import Failure
from .guard import LoopbackOnly
from .routes import Page

__all__ = ["Failure", "LoopbackOnly", "Page"]
