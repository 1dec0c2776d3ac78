"""Builds the business of the demo, Café Aurora, through the verbs; knows every app, no request."""
