"""How answers look, for the OpenAPI document; `loyalty.shapes` and the views make them."""

from rest_framework import serializers as s


class ProgramName(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    type = s.CharField(help_text="The type of card: stamp, reward, cashback, gift and so on.")


class HoldersTier(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    color = s.CharField()


class Holder(s.Serializer):
    """Who holds a card; masked for tokens without the scope `customers`."""

    id = s.IntegerField()
    name = s.CharField()
    email = s.CharField()
    phone = s.CharField()
    tier = HoldersTier(required=False, allow_null=True, help_text="Not told to kiosks.")
    has_birthday = s.BooleanField(required=False, help_text="Today. Not told to kiosks.")


class Off(s.Serializer):
    """What a reward takes off a bill: so many percent, or so much."""

    percent = s.CharField(required=False)
    most_cents = s.IntegerField(required=False, allow_null=True)
    cents = s.IntegerField(required=False)


class Offer(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    price = s.IntegerField(help_text="In the program's points; on a stamp card, stamps needed.")
    off = Off(required=False, help_text="Absent: the reward is a thing.")


class NextRate(s.Serializer):
    percent = s.CharField()
    from_cents = s.IntegerField(help_text="Reached when so much was spent.")


class Rate(s.Serializer):
    percent = s.CharField(help_text="As a decimal: 7.5.")
    next = NextRate(allow_null=True)


class Plan(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    period = s.ChoiceField(choices=["day", "week", "month", "year"])
    visits = s.IntegerField(allow_null=True, help_text="In each period; null: no limit.")
    benefits = s.ListField(child=s.CharField())


class Bill(s.Serializer):
    """What a purchase comes to on a discount card."""

    percent = s.CharField()
    saved_cents = s.IntegerField()
    to_pay_cents = s.IntegerField()


class Claim(s.Serializer):
    """What is held of a card until it is handed over or given back."""

    id = s.IntegerField()
    reward = s.CharField(allow_null=True, help_text="Its name; null: none was named.")
    amount = s.IntegerField()
    unit = s.CharField()
    until = s.DateTimeField(help_text="Then it goes back to the card by itself.")
    settles_itself = s.BooleanField(help_text="An automation does; there is nothing to hand over.")


class Card(s.Serializer):
    serial = s.CharField()
    number = s.CharField(help_text="What staff type when the code cannot be read.")
    program = ProgramName()
    status = s.ChoiceField(choices=["active", "expired"])
    installed = s.BooleanField()
    expires_at = s.DateTimeField(allow_null=True)
    customer = Holder()
    balances = s.DictField(child=s.IntegerField(), help_text="By unit.")
    debt = s.DictField(child=s.IntegerField(), help_text="What later earnings pay first.")
    can = s.ListField(child=s.ChoiceField(choices=["accrue", "redeem"]))
    rewards = Offer(many=True)
    pending = s.DictField(
        child=s.IntegerField(),
        required=False,
        help_text="By unit, what orders are still to give, at most; of programs that let it wait.",
    )
    rate = Rate(required=False, help_text="Of cashback and discount cards.")
    plan = Plan(required=False, help_text="Of memberships.")
    claims = Claim(many=True, help_text="What waits to be handed over.")


class FoundProgram(s.Serializer):
    slug = s.CharField()
    name = s.CharField()


class FoundCustomer(s.Serializer):
    """Masked for everybody: initials, and the last two digits of a phone number."""

    name = s.CharField()
    phone_ends = s.CharField()


class FoundCard(s.Serializer):
    serial = s.CharField()
    program = FoundProgram()
    status = s.ChoiceField(choices=["active", "expired"])
    customer = FoundCustomer()


class FoundCards(s.Serializer):
    results = FoundCard(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class CardOnly(s.Serializer):
    card = Card()


class Entry(s.Serializer):
    unit = s.CharField()
    amount = s.IntegerField(help_text="Signed.")
    balance = s.IntegerField(help_text="After it.")


class Operation(s.Serializer):
    id = s.IntegerField()
    kind = s.CharField()
    entries = Entry(many=True)
    key = s.CharField()
    comment = s.CharField()
    reverses = s.IntegerField(allow_null=True)
    at = s.DateTimeField()


class Mark(s.Serializer):
    unit = s.CharField()
    at = s.IntegerField()
    mark = s.CharField()


class HeldCard(s.Serializer):
    program = s.CharField(help_text="Its slug.")
    serial = s.CharField()


class Done(s.Serializer):
    """What became of an operation on a card."""

    operation = Operation()
    card = Card()
    crossed = Mark(many=True, help_text="The program's own marks that were passed.")
    bill = Bill(required=False, help_text="Of a purchase on a discount card.")
    claim = Claim(required=False, help_text="What was held.")
    received = Operation(required=False, help_text="Of a transfer, on the other card.")
    issued = HeldCard(required=False, help_text="What a redeemed coupon turned into.")


class Tier(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    level = s.IntegerField(help_text="Its place from below; 1 is the lowest.")
    since = s.DateTimeField()
    kept_until = s.DateTimeField(allow_null=True, help_text="Until then only staff move them.")
    next_review_at = s.DateTimeField(allow_null=True)


class NextTier(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    remaining = s.IntegerField(help_text="In minor units, orders or points, as the ladder counts.")


class Customer(s.Serializer):
    id = s.IntegerField()
    email = s.CharField()
    phone = s.CharField()
    first_name = s.CharField()
    last_name = s.CharField()
    birthday = s.DateField(allow_null=True)
    language = s.CharField()
    time_zone = s.CharField()
    external_id = s.CharField()
    tags = s.ListField(child=s.CharField())
    attributes = s.DictField()
    consent = s.DictField(child=s.BooleanField(), help_text="By channel; what is absent is a no.")
    created_at = s.DateTimeField()
    cards = HeldCard(many=True)
    tier = Tier(allow_null=True)
    next_tier = NextTier(allow_null=True)


class Id(s.Serializer):
    id = s.IntegerField()


class Earned(s.Serializer):
    serial = s.CharField()
    unit = s.CharField()
    amount = s.IntegerField()


class Order(s.Serializer):
    key = s.CharField()
    platform = s.CharField()
    status = s.ChoiceField(choices=["pending", "paid", "completed", "cancelled"])
    customer = Id(allow_null=True)
    placed_at = s.DateTimeField(allow_null=True)
    subtotal_cents = s.IntegerField()
    tax_cents = s.IntegerField()
    total_cents = s.IntegerField()
    refunded_cents = s.IntegerField()
    currency = s.CharField()
    lines = s.ListField(child=s.DictField())
    note = s.CharField(help_text="Why it earned nothing, where that is so.")
    earned = Earned(many=True)


class OrderOnly(s.Serializer):
    order = Order()


class EventError(s.Serializer):
    index = s.IntegerField(help_text="Its place in the list, from 0.")
    code = s.CharField()
    message = s.CharField()


class Accepted(s.Serializer):
    accepted = s.IntegerField()
    duplicates = s.IntegerField()
    errors = EventError(many=True)  # type: ignore[assignment]  # hides Serializer.errors


class ImportProgress(s.Serializer):
    """Of a check the counts are what would be."""

    id = s.IntegerField()
    file = s.CharField()
    state = s.ChoiceField(
        choices=[
            *("uploaded", "read", "checking", "checked", "running", "paused"),
            *("finished", "cancelled", "failed"),
        ]
    )
    note = s.CharField(help_text="Why it failed.")
    lines = s.IntegerField(help_text="Known once the file is read.")
    done = s.IntegerField()
    new = s.IntegerField()
    changed = s.IntegerField()
    matched = s.IntegerField(help_text="Customers who were here and stayed as they were.")
    errors = s.IntegerField(help_text="Lines that could not be taken.")  # type: ignore[assignment]  # hides Serializer.errors
    cards_issued = s.IntegerField()
    balances_given = s.IntegerField()
    program = s.CharField(allow_null=True)
    trigger = s.CharField()
    columns = s.DictField(child=s.CharField(), help_text="Header → meaning.")
    created_at = s.DateTimeField()


class ImportLine(s.Serializer):
    line = s.IntegerField()
    message = s.CharField()


class ImportLines(s.Serializer):
    results = ImportLine(many=True)
