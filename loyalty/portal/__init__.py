"""The customer's own pages; they know what the customer knows, and nothing of anybody else."""
