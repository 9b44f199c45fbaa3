"""One module for each kind of step: pre-flight, start, poll."""
