"""The page on which a person uses the local Slack: its files, its menu of failures, and its guard."""

from .failures import Failure
from .guard import LoopbackOnly
from .routes import GuideStep, Page

__all__ = ["Failure", "GuideStep", "LoopbackOnly", "Page"]
