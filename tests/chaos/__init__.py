"""The bot as a process, killed at every boundary while people use it, and what Slack and AWS saw of it."""
