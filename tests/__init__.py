"""Says what the product must do; knows every app, and is known by none."""
