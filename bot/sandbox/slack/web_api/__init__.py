"""Slack's Web API as far as the bot needs it: one module per family of methods, one gate, one table."""
