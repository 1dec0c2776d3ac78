"""The product's own events as frozen dataclasses; conditions and merge tags see their fields.

A fact names no person: who it is about stands in the row beside it, and an erased customer's
name is not in it.
"""

import pkgutil
from importlib import import_module

from loyalty.events.facts.fact import FACTS, Fact

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

# Nobody outside may call an event of theirs so. Those below are for what is not built yet.
RESERVED: frozenset[str] = frozenset(FACTS) | {
    *("cart_updated", "product_viewed", "search_made", "category_viewed"),
    *("message_sent", "message_delivered", "message_opened", "message_clicked"),
    *("message_bounced", "message_complained", "message_unsubscribed", "message_replied"),
    *("delivery_done", "delivery_failed", "task_completed"),
    *("birthday", "anniversary", "expiring", "inactive", "renewal_due"),
}

__all__ = ["FACTS", "RESERVED", "Fact"]
