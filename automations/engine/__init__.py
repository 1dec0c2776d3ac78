"""Moves journeys: events become journeys (`entry`), journeys walk (`walk`), in batches (`pump`)."""
