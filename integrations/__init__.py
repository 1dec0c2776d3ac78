"""Other people's systems at the edge; nothing inside imports it."""
