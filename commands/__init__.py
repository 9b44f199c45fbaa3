"""Inbound Slack: what people type and click."""
