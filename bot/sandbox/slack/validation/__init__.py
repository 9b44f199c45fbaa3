"""Slack's own validation of views and messages, usable by itself: `validate_view`, `validate_message`."""

from .problem import Problem
from .surfaces import validate_message, validate_options, validate_view

__all__ = ["Problem", "validate_message", "validate_options", "validate_view"]
