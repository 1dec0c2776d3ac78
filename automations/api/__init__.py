"""The API of automations: their portable form, Draft and Working, journeys; no rule of its own."""
