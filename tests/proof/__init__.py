"""Shows that nothing is lost and nothing is doubled, wherever a process dies."""
