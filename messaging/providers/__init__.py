"""One file for each carrier: how it is reached, what it needs to know, how it says no."""

import pkgutil
from importlib import import_module

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
