"""The pages where staff draw automations and watch them: HTML here, rules in `automations`."""
