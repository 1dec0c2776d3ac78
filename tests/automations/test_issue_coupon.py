"""The step `issue_coupon`: a code of a campaign, said by later steps."""

import pytest

from automations import lint
from automations.models import Journey
from automations.problems import Invalid
from loyalty import coupons
from loyalty.models import Coupon, Event
from messaging.models import Message
from tests.automations.chains import outcomes, runs
from tests.automations.conftest import move
from tests.cast import person
from tests.loyalty import codes

ISSUE = {"key": "i", "type": "issue_coupon", "campaign": "ten"}
MAIL = {
    "key": "m", "type": "send_email", "subject": "{{ coupon.offer }}", "body": "{{ coupon.code }}"
}  # fmt: skip


@pytest.fixture
def ten(business):
    return codes.campaign(slug="ten")


def test_a_code_is_given_and_said_later(chain, scan, coffee_card, dora, ten):
    chain(ISSUE, MAIL, publish=True)

    journey = scan(coffee_card)

    code = Coupon.objects.get()
    assert (code.customer, code.campaign) == (dora, ten)
    assert runs(journey) == [("done", f"Code {code.code}"), ("done", "Queued")]
    said = {"coupon.code": code.code, "coupon.offer": "10 % off"}
    assert Message.objects.get().names == said


def test_a_code_is_said_after_a_wait_and_in_every_branch(chain, scan, coffee_card, ten, now):
    both = {"type": "parallel", "key": "p", "branches": {"a": [MAIL], "b": []}}
    chain(ISSUE, {"type": "wait", "for": "P1D"}, both, publish=True)

    move(scan(coffee_card).due_at)
    move(Journey.objects.filter(parent=None).get().started_at.replace(day=5))

    assert Message.objects.get().names["coupon.code"] == Coupon.objects.get().code


def test_an_empty_pool_is_skipped_with_a_note(chain, scan, coffee_card, ten):
    ten.supply = "pool"
    ten.save()
    chain(ISSUE, MAIL, publish=True)

    journey = scan(coffee_card)

    assert runs(journey)[0] == ("skipped", "The campaign has no code left.")
    assert Message.objects.get().names["coupon.code"] is None


def test_many_customers_get_a_code_each(chain, aurora, ten, now):
    chain(ISSUE, trigger="customer_created", publish=True)
    people = [person(now, email=f"p{n}@example.com") for n in range(30)]

    move(now)

    held = Coupon.objects.values_list("customer_id", flat=True)
    assert sorted(held) == sorted(person.pk for person in people)
    assert {tuple(outcomes(j)) for j in Journey.objects.all()} == {(("issue_coupon", "done"),)}


def test_a_campaign_that_is_not_there_is_refused(chain, business):
    with pytest.raises(Invalid) as refusal:
        chain({"type": "issue_coupon", "campaign": "nothing"})

    assert set(refusal.value.fields) == {"steps[0].campaign"}


def test_what_is_switched_off_is_found_before_publishing(chain, ten):
    ten.is_active = False
    ten.save()

    (problem,) = lint.problems(chain(ISSUE).draft)

    assert problem.text == "The campaign “Ten off” is switched off."


def test_a_text_that_says_a_code_nobody_gives_is_found(chain, ten):
    (problem,) = lint.problems(chain(MAIL | {"subject": "Hi"}).draft)

    assert "{{ coupon.code }}" in problem.text


def test_a_redeemed_code_starts_an_automation(chain, dora, ten, now):
    chain(
        {"type": "add_tag", "tag": "saver"},
        trigger="coupon_code_redeemed", params={"campaign": "ten"}, publish=True,
    )  # fmt: skip
    code = coupons.issue(ten, dora, key="k", now=now)

    codes.redeem(code.code, now)
    move(now)

    dora.refresh_from_db()
    assert dora.tags == ["saver"]
    assert Event.objects.filter(name="coupon_code_redeemed").count() == 1
