"""The page of the local Slack, used by a real browser as a person uses it."""
