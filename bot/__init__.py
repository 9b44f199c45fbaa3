"""The Copy Backup service."""
