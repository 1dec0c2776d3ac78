"""Chains of steps customers walk through, and the engine that moves them; never talks to the outside world."""
