"""The ladder and a customer's tier as staff and the API see them."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission

from loyalty.models import Ladder, LadderSweep, Standing, Tier
from loyalty.models.tier import Metric
from tests.loyalty.ladders import buys, ladder, look, news, standing, tier_of
from tests.loyalty.staff import errors, page, seen

pytestmark = pytest.mark.django_db

EMPTY = {"tiers-INITIAL_FORMS": 0, "tiers-MIN_NUM_FORMS": 0, "tiers-MAX_NUM_FORMS": 1000}


def rules(*rows, known=0, **changes):
    """What the page of the ladder sends."""
    said = {
        "metric": "spent",
        "window": "all",
        "window_months": 12,
        "climb": "jump",
        "downgrade": "none",
        "drop": "deserved",
        "review": "months",
        "review_months": 12,
        "review_month": 1,
        "review_day": 1,
        "grace_days": 0,
        "refund_drops": "on",
        "close_percent": 20,
        "close_amount": "",
        "risk_days": 30,
        **EMPTY,
        "tiers-TOTAL_FORMS": len(rows),
        "tiers-INITIAL_FORMS": known,
    }
    for n, row in enumerate(rows):
        blank = {"color": "#b45309", "benefits": "", "id": "", "ladder": "1"}
        said |= {f"tiers-{n}-{name}": value for name, value in (blank | row).items()}
    return said | changes


def test_a_ladder_is_raised_on_one_page(admin_client, business, dora, now):
    address = page("ladder_change", 1)
    assert admin_client.get(page("ladder_changelist")).url == address
    assert "Losing a tier" in seen(admin_client.get(address))

    rows = {"name": "Bronze", "threshold": "100"}, {"name": "Gold Roast", "threshold": "600"}
    answer = admin_client.post(address, rules(*rows, downgrade="review"))

    assert answer.status_code == 302
    assert Ladder.get().downgrade == "review"
    assert list(Tier.objects.values_list("slug", flat=True)) == ["bronze", "gold-roast"]
    assert LadderSweep.objects.get().is_quiet


def test_a_tier_can_be_renamed_and_keeps_its_slug_and_be_taken_away(
    admin_client, business, dora, now
):
    ladder(now, {"bronze": 10_000, "silver": 30_000})
    buys(30_000, now)
    bronze, silver = Tier.objects.all()
    rows = (
        {"id": bronze.pk, "name": "Copper", "threshold": "50.00"},
        {"id": silver.pk, "name": "Silver", "threshold": "300.00", "DELETE": "on"},
    )

    admin_client.post(page("ladder_change", 1), rules(*rows, known=2))
    look(now)

    assert [(tier.slug, tier.name) for tier in Tier.objects.all()] == [("bronze", "Copper")]
    assert tier_of(dora) == "bronze"
    assert len(news()) == 2


def test_two_tiers_of_one_name_are_refused(admin_client, business, now):
    ladder(now, {"bronze": 10_000})

    answer = admin_client.post(
        page("ladder_change", 1),
        rules({"name": "Bronze", "threshold": "200"}),
    )

    assert "There is a tier of that name." in seen(answer)
    assert Tier.objects.count() == 1


def test_a_customers_page_shows_their_tier_and_how_far_the_next_is(
    admin_client, business, dora, now
):
    assert "tier-title" not in seen(admin_client.get(page("customer_change", dora.pk)))
    ladder(now)
    buys(25_000, now)

    text = seen(admin_client.get(page("customer_change", dora.pk)))

    assert "Bronze" in text
    assert "$50.00 to Silver" in text


def test_staff_put_somebody_on_a_tier_and_say_why(admin_client, admin_user, business, dora, now):
    ladder(now)
    gold = Tier.objects.get(slug="gold")
    said = {
        "customer": dora.pk,
        "tier": gold.pk,
        "until": "2090-12-31",
        "reason": "Our friend",
    }

    answer = admin_client.post(page("standing_add"), said)

    assert answer.url == page("customer_change", dora.pk)
    row = standing(dora)
    assert (row.tier, row.reason) == (gold, "Our friend")
    assert row.locked_until == datetime(2091, 1, 1, 5, 0, tzinfo=UTC)
    assert dora.events.get(name="tier_changed").cause == f"staff:{admin_user.pk}"
    shown = seen(admin_client.get(page("standing_change", dora.pk)))
    assert "2090-12-31" in shown
    said = {"tier": "", "until": "", "reason": "A mistake"}
    admin_client.post(page("standing_change", dora.pk), said)
    assert tier_of(dora) is None


def test_without_a_reason_or_until_yesterday_nothing_changes(admin_client, business, dora, now):
    ladder(now)
    gold = Tier.objects.get(slug="gold")
    said = {"customer": dora.pk, "tier": gold.pk, "until": "", "reason": ""}

    assert set(errors(admin_client.post(page("standing_add"), said))) == {"reason"}
    said |= {"reason": "x", "until": "2020-01-01"}
    assert "That has passed." in seen(admin_client.post(page("standing_add"), said, follow=True))

    assert not Standing.objects.exists()
    assert news() == []


def test_only_who_may_changes_a_tier(client, django_user_model, business, dora, now):
    ladder(now)
    viewer = django_user_model.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)

    assert "Change tier" not in seen(client.get(page("customer_change", dora.pk)))
    assert client.post(page("standing_add"), {"customer": dora.pk}).status_code == 403


@pytest.mark.parametrize("metric", Metric)
def test_every_page_opens(metric, admin_client, business, dora, now):
    ladder(now, {"basic": 0, "more": 100}, metric=metric)

    for address in (
        page("ladder_change", 1),
        page("standing_changelist"),
        page("standing_change", dora.pk),
        page("customer_change", dora.pk),
    ):
        assert admin_client.get(address).status_code == 200
