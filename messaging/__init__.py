"""Says things to customers by email; does not know why they are said."""
