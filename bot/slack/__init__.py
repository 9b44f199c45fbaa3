"""Outbound Slack: messages, the Web API, its errors."""
