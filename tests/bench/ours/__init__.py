"""The product itself: its verbs, its pump, its worker. These functions run in its own processes."""
