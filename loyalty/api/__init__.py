"""The HTTP API: parses, calls one verb, shows. It holds no rule of its own."""
