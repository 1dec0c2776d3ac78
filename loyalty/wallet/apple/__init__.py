"""Apple Wallet: the pass, its signature, and the web service that phones ask for newer ones."""
