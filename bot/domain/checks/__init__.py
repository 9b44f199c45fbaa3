"""The judgements of pre-flight, theme by theme: pure functions from what AWS showed to a finding."""
