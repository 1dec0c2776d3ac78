"""The counter's web app: its pages and how a device is let in; the rest it does by the API."""
