"""A customer with something of theirs in every table that says anything of customers."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from integrations import intake
from integrations.arrivals import Envelope
from integrations.models import Connection
from loyalty import (
    adjusting,
    card_links,
    cards,
    coupons,
    customers,
    ledger,
    notices,
    presents,
    referrals,
    reviews,
    rfm,
    segments,
    sign_ins,
    tiers,
)
from loyalty.customers import Details, Who
from loyalty.external import External, accept
from loyalty.models import Card, Customer, Ladder, MagicLink, Program, Tier
from loyalty.models.wallet import Wallet
from loyalty.postings import Kind, Posting
from loyalty.presents import Wish
from loyalty.wallet import passes
from messaging import base64url, subscriptions, templates
from messaging.models import Message
from messaging.outbox import Outbox
from tests.automations.chains import GIVE_FIVE, run, wave, working
from tests.cast import BY_STAFF, card_of
from tests.loyalty import codes, files, friends, programs
from tests.loyalty.shop import paid

MARK = "Quokka"
EMAIL = f"{MARK.lower()}@example.com"
PHONE = "+41446681899"
MARKS = (MARK.casefold(), PHONE, PHONE[1:])


class Shop:
    """What it has before anybody comes, and one customer's whole life in it."""

    def __init__(self, coffee: Program, aurora: Program, staff: User, now: datetime) -> None:
        self.coffee, self.aurora, self.staff, self.now = coffee, aurora, staff, now
        self.gift = programs.make("gift")
        self.campaign = codes.campaign()
        friends.offer(coffee)
        working([{"key": "w", "type": "wait", "for": "P1D"}, {"key": "a", **GIVE_FIVE}], now)
        Ladder.objects.create(pk=1)
        Tier.objects.create(name="Gold", slug="gold", threshold=1)
        segments.make("all", "All", ["customer.language", "!=", "xx"], now=now)
        secrets = {"secret": "s", "path_secret": "p"}
        self.connection = Connection.objects.create(
            connector="inbound", name="Till", credentials=secrets
        )

    def live(self, friend: Customer) -> Customer:
        """Brought by that friend; MARK is in all that was ever said of them."""
        person = self._joins(friend)
        self._buys(person)
        self._speaks(person)
        self._is_written_to(person)
        self._is_counted(person)
        self._is_in_a_file()
        return person

    def _joins(self, friend: Customer) -> Customer:
        names = Details(
            email=EMAIL,
            phone=PHONE,
            first_name=MARK,
            last_name=f"of {MARK}",
            external_id=f"shop-{MARK}",
            tags=[MARK],
            attributes={"size": MARK},
            consent={"email": True},
        )
        proofs = {"email": f"{MARK} said so"}
        person = customers.join(names, cause=BY_STAFF, now=self.now, proofs=proofs)[0]
        for program in (self.coffee, self.aurora):
            cards.issue(program, person, cause=BY_STAFF, now=self.now)
        friends.follow(card_of(friend, self.coffee), person, self.now, device=MARK)
        mine = card_of(person, self.coffee)
        referrals.shared(mine, device=f"{MARK} 2", cause=BY_STAFF, now=self.now)
        friends.bring(mine, self.now, "nora@example.com")
        card_links.key_of(mine, now=self.now)
        passes.keep(passes.of(mine, Wallet.APPLE, now=self.now), now=self.now)
        return person

    def _buys(self, person: Customer) -> None:
        card, who = card_of(person, self.aurora), Who(id=person.pk)
        lines = [{"title": "Cake", "properties": {"for": MARK}}]
        paid(self.now, 12_000, key="shop:7", customer=who, lines=lines)
        wish = Posting(
            card_id=card.pk,
            kind=Kind.ACCRUE,
            key="till 1",
            actor="staff:1",
            cause=BY_STAFF,
            unit="points",
            amount=5,
            comment=f"For {MARK}",
        )
        ledger.post(wish, now=self.now)
        Program.objects.filter(pk=self.aurora.pk).update(by_hand_limit=1)
        self._asks_for_points(Card.objects.get(pk=card.pk))
        given = coupons.issue(self.campaign, person, key="c", now=self.now)
        codes.redeem(given.code, self.now, person)
        present = presents.prepare(
            Wish(self.gift.slug, 500, EMAIL, MARK, MARK, f"Dear {MARK}"),
            key="p",
            actor="staff:1",
            now=self.now,
        )
        presents.deliver_due(9, now=self.now)
        assert present is not None
        christmas = self.now + timedelta(days=9)
        other = Wish(self.gift.slug, 500, EMAIL, MARK, "Ada", f"Dear {MARK}", christmas)
        presents.prepare(other, key="p2", actor="staff:1", now=self.now)

    def _asks_for_points(self, card: Card) -> None:
        adjusting.adjust(
            card,
            Kind.ACCRUE,
            "points",
            50,
            reason=f"{MARK} waited",
            key="a",
            user=self.staff.pk,
            now=self.now,
        )

    def _speaks(self, person: Customer) -> None:
        quiz = External(name="quiz", key="1", customer=Who(id=person.pk), data={"name": MARK})
        accept([quiz], scope="token:3", cause=BY_STAFF, now=self.now)
        card = card_of(person, self.coffee)
        review, _new = reviews.leave(
            person, 2, f"{MARK} was here", key="r", card=card, cause=BY_STAFF, now=self.now
        )
        reviews.handle(review, state="handled", note=f"Rang {MARK}")
        body = (
            b'{"id": "1", "name": "waved", "customer": {"email": "%s"}, "data": {"by": "%s"}}'
            % (EMAIL.encode(), MARK.encode())
        )
        intake.keep(self.connection, Envelope("1", "waved"), body, now=self.now)
        intake.drain(self.connection.pk, now=self.now)
        wave(person, self.now, by=MARK)
        run(self.now)
        LogEntry.objects.create(
            user=self.staff,
            content_type=ContentType.objects.get_for_model(Customer),
            object_id=str(person.pk),
            object_repr=str(person),
            action_flag=CHANGE,
        )

    def _is_written_to(self, person: Customer) -> None:
        outbox = Outbox()
        outbox.say(
            key="journey:1:1",
            customer_id=person.pk,
            template_id=templates.freeze("Hi {{ customer.first_name }}", "!").pk,
            names={"customer.first_name": MARK},
            sender_id=None,
            cause="journey:1",
            now=self.now,
        )
        outbox.flush()
        Message.objects.update(to=EMAIL, subject=MARK, text=MARK, html=MARK, note=f"No {EMAIL}")
        sign_ins.ask(EMAIL, network="10.0.0.1", now=self.now)
        email = {"email": f"new-{EMAIL}"}
        purpose = MagicLink.Purpose.EMAIL
        sign_ins.send(
            person, purpose, notices.NEW_ADDRESS, to=f"new-{EMAIL}", data=email, now=self.now
        )
        sign_ins.begin(person, now=self.now)
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        key = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url.encoded(key), "auth": base64url.encoded(bytes(16))}
        browser = {"endpoint": f"https://push.example/{MARK}", "keys": keys}
        subscriptions.subscribe(person, browser, now=self.now)

    def _is_in_a_file(self) -> None:
        """Which was read, and waits for somebody to say what its columns mean."""
        rows = [["Email", "Phone", "First name"], [EMAIL.upper(), "", MARK], ["", PHONE, MARK]]
        rows.append(["otto@example.com", "", "Otto"])
        assert files.sent(files.csv_of(*rows), self.now).state == "read"

    def _is_counted(self, person: Customer) -> None:
        rfm.recount(now=self.now)
        for segment in segments.due(self.now + timedelta(hours=2)):
            segments.recount(segment, now=self.now)
        gold = Tier.objects.get()
        reason = f"{MARK} is a friend"
        tiers.assign(person, gold, reason=reason, cause=BY_STAFF, now=self.now)
