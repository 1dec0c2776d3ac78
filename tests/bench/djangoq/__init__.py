"""Raw django-q2: a cluster of its own with the house's tuned settings and the stock broker."""
