"""Local worlds for trial and test."""
