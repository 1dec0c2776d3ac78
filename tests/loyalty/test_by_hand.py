"""What staff give, take and undo by hand, and what needs a second person."""

import re

import pytest
from django.contrib.auth.models import Permission

from loyalty import adjusting, clock
from loyalty.errors import Forbidden, InsufficientBalance, Invalid
from loyalty.models import Adjustment, Operation
from loyalty.postings import Kind
from tests.cast import balances, card_of
from tests.loyalty import programs
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(alice, aurora):
    """Alice's, with 100 points."""
    return card_of(alice, aurora)


@pytest.fixture
def clerk(django_user_model):
    return django_user_model.objects.create_user("clerk", password="x", is_staff=True)


@pytest.fixture
def owner(admin_user):
    return admin_user


def adjust(card, kind, amount, user, *, unit="points", reason="Spilt coffee", key="k1"):
    return adjusting.adjust(
        card, kind, unit, amount, reason=reason, key=key, user=user.pk, now=clock.now()
    )


def limit(card, most):
    program = card.program
    program.by_hand_limit = most
    program.save()
    card.refresh_from_db()


# --- The verbs ------------------------------------------------------------------------------------


def test_what_is_given_is_posted_once_with_its_reason(card, clerk):
    for _twice in range(2):
        adjust(card, Kind.ACCRUE, 30, clerk)

    assert balances(card) == {"points": 130}
    done = Operation.objects.latest("pk")
    assert (done.reason, done.actor) == ("Spilt coffee", f"staff:{clerk.pk}")


def test_no_more_is_taken_than_there_is(card, clerk):
    with pytest.raises(InsufficientBalance):
        adjust(card, Kind.REDEEM, 101, clerk)

    assert balances(card) == {"points": 100}


def test_nothing_is_given_without_a_reason(card, clerk):
    with pytest.raises(Invalid):
        adjust(card, Kind.ACCRUE, 5, clerk, reason=" ")

    assert balances(card) == {"points": 100}


def test_above_the_limit_a_second_person_agrees_once(card, clerk, owner):
    limit(card, 50)

    asked = adjust(card, Kind.ACCRUE, 51, clerk)
    assert adjust(card, Kind.ACCRUE, 51, clerk) == asked
    assert balances(card) == {"points": 100}

    for _twice in range(2):
        done = adjusting.agree(asked, user=owner.pk, now=clock.now())
    assert balances(card) == {"points": 151}
    assert Operation.objects.latest("pk") == done.operation
    assert Operation.objects.latest("pk").reason == "Spilt coffee (asked by clerk)"
    with pytest.raises(Forbidden):
        adjusting.refuse(asked, user=owner.pk, now=clock.now())


def test_up_to_the_limit_one_person_is_enough(card, clerk):
    limit(card, 50)

    adjust(card, Kind.REDEEM, 50, clerk)

    assert balances(card) == {"points": 50}
    assert not Adjustment.objects.exists()


def test_nobody_agrees_with_themselves(card, clerk):
    limit(card, 50)
    asked = adjust(card, Kind.ACCRUE, 51, clerk)

    with pytest.raises(Forbidden):
        adjusting.agree(asked, user=clerk.pk, now=clock.now())

    asked.refresh_from_db()
    assert asked.state == "waiting"
    assert balances(card) == {"points": 100}


def test_what_was_refused_is_never_posted(card, clerk, owner):
    limit(card, 50)
    asked = adjust(card, Kind.ACCRUE, 51, clerk)

    adjusting.refuse(asked, user=owner.pk, now=clock.now())

    with pytest.raises(Forbidden):
        adjusting.agree(asked, user=owner.pk, now=clock.now())
    assert balances(card) == {"points": 100}


def test_what_cannot_be_posted_any_more_keeps_waiting(card, clerk, owner):
    limit(card, 50)
    asked = adjust(card, Kind.REDEEM, 80, clerk)
    adjust(card, Kind.REDEEM, 50, clerk, key="k2")

    with pytest.raises(InsufficientBalance):
        adjusting.agree(asked, user=owner.pk, now=clock.now())

    asked.refresh_from_db()
    assert asked.state == "waiting"


@pytest.mark.parametrize("first", [20, 100])
def test_another_limit_does_not_do_it_again(card, clerk, owner, first):
    """The form is sent again after the limit was changed."""
    for most in (first, 120 - first):
        limit(card, most)
        done = adjust(card, Kind.ACCRUE, 50, clerk)
        if isinstance(done, Adjustment):
            adjusting.agree(done, user=owner.pk, now=clock.now())

    assert balances(card) == {"points": 150}


def test_an_operation_of_somebody_else_is_undone_once(card, clerk, owner):
    adjust(card, Kind.REDEEM, 40, clerk)
    done = Operation.objects.latest("pk")

    for _twice in range(2):
        adjusting.undo(done, reason="Wrong card", user=owner.pk, now=clock.now())

    assert balances(card) == {"points": 100}
    assert Operation.objects.filter(reverses=done).count() == 1


# --- The pages ------------------------------------------------------------------------------------


def by_hand(client, card, **said):
    address = page("card_by_hand", card.pk)
    (key,) = re.findall(r'name="key" value="([^"]+)"', seen(client.get(address)))
    form = {"what": "accrue points", "amount": 7, "reason": "A gift", "key": key}
    return client.post(address, form | said)


def test_staff_give_from_a_cards_page(admin_client, card):
    assert page("card_by_hand", card.pk) in seen(admin_client.get(page("card_change", card.pk)))

    by_hand(admin_client, card)

    assert balances(card) == {"points": 107}


def test_a_form_sent_twice_gives_once(admin_client, card):
    for _twice in range(2):
        by_hand(admin_client, card, key=f"by-hand:{0:016x}")

    assert balances(card) == {"points": 107}


def test_a_form_never_takes_the_key_of_another_cause(admin_client, card):
    by_hand(admin_client, card, key=f"order:shop:1:{card.pk}:1")

    assert not Operation.objects.filter(key__startswith="order:").exists()
    assert balances(card) == {"points": 100}


def test_a_refusal_is_said_on_the_page(admin_client, card):
    answer = by_hand(admin_client, card, what="redeem points", amount=500)

    assert "does not hold enough" in seen(answer)
    assert balances(card) == {"points": 100}


def test_only_what_the_program_allows_is_offered(admin_client, card):
    answer = by_hand(admin_client, card, what="accrue stamps")

    assert "stamps is not one of the available choices" in seen(answer)


def test_a_membership_is_renewed_by_hand(admin_client, business, dora):
    admin_client.post(
        page("card_add"), {"program": programs.make("membership").pk, "customer": dora.pk}
    )
    card = dora.cards.get()
    before = card.expires_at

    admin_client.post(
        page("card_by_hand", card.pk),
        {"act": "renew", "plan": card.plan_id, "key": f"by-hand:{1:016x}"},
    )

    card.refresh_from_db()
    assert card.expires_at > before


def test_an_operation_is_undone_from_its_page(admin_client, card):
    by_hand(admin_client, card)
    done = Operation.objects.latest("pk")
    address = page("operation_undo", done.pk)
    assert address in seen(admin_client.get(page("operation_change", done.pk)))
    assert "This field is required" in seen(admin_client.post(address, {"reason": ""}))

    admin_client.post(address, {"reason": "Not hers"})

    assert balances(card) == {"points": 100}
    assert address not in seen(admin_client.get(page("operation_change", done.pk)))


def test_a_second_person_agrees_in_the_list(admin_client, card, clerk):
    limit(card, 50)
    asked = adjust(card, Kind.ACCRUE, 51, clerk)

    admin_client.post(
        page("adjustment_changelist"), {"action": "agree", "_selected_action": [asked.pk]}
    )

    assert balances(card) == {"points": 151}


def test_who_may_not_adjust_sees_no_way_to(client, card, clerk):
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["view_card", "view_operation", "view_customer"])
    )
    client.force_login(clerk)

    assert client.get(page("card_by_hand", card.pk)).status_code == 403
    assert client.post(page("card_by_hand", card.pk), {}).status_code == 403
    assert client.get(page("operation_undo", Operation.objects.latest("pk").pk)).status_code == 403
    assert "Give or take" not in seen(client.get(page("card_change", card.pk)))
    assert "Give or take" not in seen(client.get(page("customer_change", card.customer_id)))
