"""Many customers at once, matched in memory and written in a few statements: for imports."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from loyalty import bulk, events
from loyalty.causes import Cause
from loyalty.customers.changing import lock
from loyalty.customers.details import CONTACT, MOST_TAGS
from loyalty.customers.joining import LONGEST_SOURCE
from loyalty.customers.matching import IDENTIFIERS, Who, find_each
from loyalty.errors import CustomerConflict, Invalid
from loyalty.models.consent import Consent
from loyalty.models.customer import Customer

KEYS = ("first_key", "last_key", "phone_key")
NO_COLUMNS = {"consent", "joined"}
WRITTEN = [*CONTACT, *KEYS, "tags", "consents", "changed_at"]


class Crowd:
    """Whoever these clean details may mean, locked in this transaction; `meet` says who each one
    is, `write` writes all that is new.

    Details are matched as everywhere (external id, email, phone); those that name two people raise
    CustomerConflict. Somebody who comes twice is the same customer. Of those who are here already
    `existing` says what becomes: `keep` changes nothing, `fill` what is empty, `replace` whatever
    is said. `joined`, a moment, is since when somebody new was a customer elsewhere. A yes is
    recorded only where nothing was ever said, a no always. `source` is the proof of what they said.
    """

    def __init__(
        self,
        said: Iterable[Mapping[str, Any]],
        *,
        existing: str,
        source: str,
        cause: Cause,
        now: datetime,
    ) -> None:
        self.existing, self.source, self.cause, self.now = existing, source, cause, now
        alone = {
            Who(**{name: each[name]}) for each in said for name in IDENTIFIERS if each.get(name)
        }
        found = {customer.pk for customer in find_each(alone).values() if customer}
        self._known: dict[tuple[str, str], Customer] = {}
        for customer in lock(found):
            self._remember(customer)
        self.new: dict[int, Customer] = {}
        self.changed: dict[int, Customer] = {}
        self._facts: list[tuple[Customer, events.Fact]] = []
        self._consents: list[tuple[Customer, str, bool]] = []

    def meet(self, details: Mapping[str, Any]) -> Customer:
        """Who that is, made or changed in memory as the details say."""
        names = [(name, details[name]) for name in IDENTIFIERS if details.get(name)]
        if not names:
            raise Invalid({"email": [_("Say an email, a phone number or an external id.")]})
        matches = {id(each): each for name in names if (each := self._known.get(name))}
        if len(matches) > 1:
            raise CustomerConflict
        if not matches:
            return self._make(details)
        customer = next(iter(matches.values()))
        if id(customer) in self.new or self.existing != "keep":
            self._change(customer, details)
        return customer

    def is_new(self, customer: Customer) -> bool:
        return id(customer) in self.new

    def is_changed(self, customer: Customer) -> bool:
        return id(customer) in self.changed

    def write(self) -> list[events.Draft]:
        """Insert and update them; gives the news to write with it. Raises IntegrityError where
        somebody else made the same customer meanwhile: then do all of it again."""
        new = list(self.new.values())
        for customer in (*new, *self.changed.values()):
            customer.fill_keys()
        bulk.insert(Customer, new)
        changed = list(self.changed.values())
        bulk.update(Customer, changed, WRITTEN)
        bulk.insert(Consent, [self._consent(*each) for each in self._consents])
        drafts = [
            self._draft(events.CustomerCreated(), each, f"customer:{each.pk}:created")
            for each in new
        ]
        return drafts + [
            self._draft(fact, each, events.new_key(f"customer:{each.pk}:{fact.name}"))
            for each, fact in self._facts
        ]

    # --- How ------------------------------------------------------------------------------

    def _remember(self, customer: Customer) -> None:
        for name in IDENTIFIERS:
            if value := getattr(customer, name):
                self._known[name, value] = customer

    def _make(self, details: Mapping[str, Any]) -> Customer:
        columns = {name: value for name, value in details.items() if name not in NO_COLUMNS}
        since = details.get("joined", self.now)
        customer = Customer(**columns, created_at=since, changed_at=self.now)
        self._ask(customer, details.get("consent", {}))
        self.new[id(customer)] = customer
        self._remember(customer)
        return customer

    def _change(self, customer: Customer, details: Mapping[str, Any]) -> None:
        facts: list[events.Fact] = []
        if fields := [name for name in CONTACT if self._takes(customer, name, details)]:
            facts.append(events.CustomerUpdated(fields=tuple(fields)))
        room = max(0, MOST_TAGS - len(customer.tags))
        tags = [tag for tag in details.get("tags", ()) if tag not in customer.tags][:room]
        if tags:
            customer.tags = [*customer.tags, *tags]
            facts += [events.TagAdded(tag) for tag in tags]
        asked = self._ask(customer, details.get("consent", {}))
        facts += [events.ConsentChanged(name, yes, self._where) for name, yes in asked.items()]
        self._remember(customer)
        if facts and not self.is_new(customer):
            customer.changed_at = self.now
            self.changed[id(customer)] = customer
            self._facts += [(customer, fact) for fact in facts]

    def _takes(self, customer: Customer, name: str, details: Mapping[str, Any]) -> bool:
        """Set one field if it should be; says whether it was."""
        said, had = details.get(name), getattr(customer, name)
        if name == "attributes" and said:
            said = said | had if self.existing == "fill" else had | said
        elif had and self.existing == "fill":
            return False
        if not said or said == had:
            return False
        setattr(customer, name, said)
        return True

    def _ask(self, customer: Customer, given: Mapping[str, bool]) -> dict[str, bool]:
        """A no that was said before stays one: nobody is signed up again by an old list."""
        known = customer.consents
        news = {
            channel: yes
            for channel, yes in given.items()
            if (channel not in known if yes else known.get(channel) is not False)
        }
        customer.consents = known | news
        self._consents += [(customer, channel, yes) for channel, yes in news.items()]
        return news

    @property
    def _where(self) -> str:
        return (self.source or self.cause.text)[:LONGEST_SOURCE]

    def _consent(self, customer: Customer, channel: str, yes: bool) -> Consent:
        return Consent(
            customer_id=customer.pk, channel=channel, is_given=yes, source=self._where, at=self.now
        )

    def _draft(self, fact: events.Fact, customer: Customer, key: str) -> events.Draft:
        return events.draft(fact, key=key, customer_id=customer.pk, cause=self.cause, now=self.now)
