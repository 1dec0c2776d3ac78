"""How dates are written on every page: a folder for each language, found by Django."""
