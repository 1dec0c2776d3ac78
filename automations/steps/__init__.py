"""One file for each step type: its columns, its portable form, and what it does at a place."""

import importlib
import pkgutil
from functools import cache

from django.apps import apps

from automations.models.step import Step

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


@cache
def types() -> dict[str, type[Step]]:
    """Every step type by its name, also those that higher apps add."""
    found = [model for model in apps.get_models() if issubclass(model, Step) and model.type]
    return {step_type.type: step_type for step_type in sorted(found, key=lambda each: each.type)}
