"""Event → journeys: who is let in, and why the rest stay out."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from automations.engine import rules
from automations.engine.batch import Batch
from automations.engine.entries import Entries, Question
from automations.engine.limits import ENTRIES
from automations.engine.releasing import CLAIM, handler_of
from automations.engine.rows import Decided, Enrolled
from automations.engine.trouble import Culprit, Trouble
from automations.engine.walk import Walker, stop
from automations.engine.wishes import Unheard, Wish
from automations.journey_row import JourneyRow
from automations.models.entry import Verdict
from loyalty.facts import Facts
from loyalty.models import Card


class Door:
    """Decides who enters. Holds what the rules look up: who entered before, who is inside now.

    Looking first is exact: a subject's shard is locked, so nobody else lets it in meanwhile. The
    unique key of Enrolment stays behind it.
    """

    def __init__(self, batch: Batch, asked: Sequence[Wish], trouble: Trouble) -> None:
        self.batch = batch
        self.trouble = trouble
        questions = [self._asked(wish) for wish in asked if not trouble.is_out(wish.row)]
        self.entries = Entries(questions, batch.today)
        batch.claims.load(wish.claim for wish in asked if wish.claim is not None)

    def admit(self, wish: Wish) -> Walker | None:
        """Let it in, ready to walk, or write down why not."""
        failed = self.trouble.parked.get(wish.row)
        if failed is not None and failed.moves < 0:
            self._refuse(wish, failed.reason)
            return None
        card = self._card(wish)
        asking = self._asking(wish, card)
        if refusal := rules.refusal(asking):
            self._refuse(wish, refusal.reason)
            if refusal.metric:
                rows, shard = self.batch.rows, wish.event.shard
                rows.hit(wish.plan.automation_id, refusal.metric, shard)
            return None
        if wish.claim is not None and (reason := self.batch.claims.refusal(wish.claim)):
            self._refuse(wish, reason)
            return None
        if asking.is_inside and rules.starts_anew(wish.thread):
            self._make_room(wish)
        journey = self._enter(wish, card, asking.key)
        self.batch.inside.add(journey)
        return Walker(wish.row, wish.plan, self.batch.place(journey), failed)

    def turn_away(self, unheard: Unheard) -> None:
        """Write down that nobody was there to ask."""
        event = unheard.event
        self.batch.rows.decisions.append(
            Decided(
                automation_id=unheard.automation_id,
                thread="",
                event_id=event.pk,
                customer_id=event.customer_id,
                verdict=Verdict.REFUSED,
                reason=_("Another automation asked for it, but it is not Working."),
                at=self.batch.desk.now,
            )
        )

    def _asking(self, wish: Wish, card: Card | None) -> rules.Asking:
        event, batch, thread = wish.event, self.batch, wish.thread
        customer = batch.customers.get(event.customer_id or 0)

        def facts() -> Facts:
            return batch.facts(event.pk, card, customer)

        return rules.Asking(
            event=event,
            plan=wish.plan,
            thread=thread,
            filter=wish.filter,
            is_request=wish.is_request,
            customer=customer,
            card=card,
            facts=facts,
            key=rules.key_of(thread, event, facts),
            entries=self.entries,
            is_inside=batch.inside.holds(*wish.seat),
            entries_left=batch.limits.left(wish.plan.automation_id, ENTRIES, thread.key),
            zone=batch.business.time_zone,
            now=batch.desk.now,
        )

    def _asked(self, wish: Wish) -> Question:
        try:
            return self._question(wish)
        except Exception as error:
            raise Culprit(wish.row, error) from error

    def _question(self, wish: Wish) -> Question:
        event, batch = wish.event, self.batch

        def facts() -> Facts:
            customer = batch.customers.get(event.customer_id or 0)
            return batch.facts(event.pk, self._card(wish), customer)

        return Question(
            wish.seat,
            rules.key_of(wish.thread, event, facts),
            rules.look_back(wish.thread, batch.today, batch.desk.now),
        )

    def _make_room(self, wish: Wish) -> None:
        """Who is inside that thread makes room; what walks below them ends with them."""
        for seat in self.batch.inside.seats(*wish.seat):
            if seat.journey is not None:
                self.batch.rows.moved(seat.journey)
                stop(self.batch, seat.journey, _("Started anew."))

    def _enter(self, wish: Wish, card: Card | None, key: str) -> JourneyRow:
        event, plan, batch = wish.event, wish.plan, self.batch
        journey = JourneyRow(
            id=batch.rows.draw(),
            automation_id=plan.automation_id,
            version_id=plan.version_id,
            thread=wish.thread.key,
            shard=event.shard,
            subject=event.subject,
            customer_id=event.customer_id,
            card_id=card.pk if card else None,
            event_id=event.pk,
            depth=event.depth + 1,
            step_key=plan.first[wish.thread.key],
            started_at=batch.desk.now,
        )
        if wish.claim is not None:
            journey.data = {CLAIM: wish.claim}
            batch.claims.take_over(wish.claim, handler_of(journey.id))
        batch.rows.new_journeys.append(journey)
        batch.rows.enrolments.append(
            Enrolled(
                automation_id=plan.automation_id,
                thread=wish.thread.key,
                subject=event.subject,
                key=key,
                at=batch.desk.now,
            )
        )
        self.entries.add(wish.seat, key, batch.desk.now)
        batch.limits.use(plan.automation_id, ENTRIES, thread=wish.thread.key)
        batch.rows.count(journey, "", "launched")
        self._decide(wish, Verdict.ENTERED, "")
        return journey

    def _card(self, wish: Wish) -> Card | None:
        """The event's card, else the customer's newest active card of the chosen programs. Whom
        another automation sends comes with the card of that one, which may not be for this."""
        event, programs = wish.event, wish.plan.programs
        if event.card_id:
            card = self.batch.card(event.card_id)
            if not wish.is_request or not programs or (card and card.program_id in programs):
                return card
        cards = self.batch.cards.get(event.customer_id or 0, [])
        return next((card for card in cards if card.program_id in programs), None)

    def _refuse(self, wish: Wish, reason: str) -> None:
        self._decide(wish, Verdict.REFUSED, reason)

    def _decide(self, wish: Wish, verdict: Verdict, reason: str) -> None:
        self.batch.rows.decisions.append(
            Decided(
                automation_id=wish.plan.automation_id,
                thread=wish.thread.key,
                event_id=wish.event.pk,
                customer_id=wish.event.customer_id,
                verdict=verdict,
                reason=reason[:250],
                at=self.batch.desk.now,
            )
        )
