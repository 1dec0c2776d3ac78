"""One file for each system we listen to; a new file needs no other mention."""

from importlib import import_module
from pkgutil import iter_modules

from integrations.connectors.base import Connector, all_of_them, named

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Connector", "all_of_them", "named"]
