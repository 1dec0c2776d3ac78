"""An app, because viewflow looks for the app of a flow."""
