"""Says things to customers, by email, push and their wallets; does not know why they are said."""
