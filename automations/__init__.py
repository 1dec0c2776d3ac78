"""Chains of steps customers walk through, and the engine that moves them; talks to no outsider."""
