"""What leaves the house as files: customers, cards, balances and operations; knows no screens."""
