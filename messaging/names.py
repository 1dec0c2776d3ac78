"""Merge names: what stands between the braces of `{{ customer.first_name }}`.

Which of them have a value is for those to say who know triggers and programs.
"""

# What the letterhead knows; every text may use them.
OF_BUSINESS = ("business.name", "business.address")

# Where a tap on a push leads; no text can say it.
PUSH_URL = "push url"

# What is offered in place of a name that is nearly one of these.
USUAL = (
    *("customer.first_name", "customer.last_name", "customer.name", "customer.email"),
    *("customer.phone", "customer.language", "customer.birthday", "customer.tags"),
    *("card.number", "card.serial", "card.status"),
    *("card.stamps", "card.rewards", "card.points"),
    *OF_BUSINESS,
)

# What follows these is named by others: a customer's attributes, another card's units, a payload.
OPEN = ("customer.attributes", "cards", "event", "order")
