"""Trigger types by subject: the event each listens to, its parameters, and how it reads."""

import importlib
import pkgutil

from automations.triggers.base import TRIGGERS, TriggerType

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["TRIGGERS", "TriggerType"]
