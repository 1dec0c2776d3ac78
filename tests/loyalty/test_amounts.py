"""Amounts as staff type them: major units on every page, minor units in every row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from loyalty.admin.amounts import AmountField
from loyalty.models import (
    Adjustment,
    Business,
    Campaign,
    Card,
    Customer,
    Ladder,
    Plan,
    Program,
    Rate,
    ReferralOffer,
    Reward,
)
from tests.cast import balances
from tests.loyalty import programs
from tests.loyalty.staff import errors, page, seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]
NewCard = Callable[[str], Card]


def typed(text: str, currency: str, language: str = "en") -> int | None:
    field = AmountField()
    field.currency = currency
    with translation.override(language):
        amount: int | None = field.clean(text)
    return amount


@pytest.mark.parametrize(
    ("text", "currency", "language", "kept"),
    [
        ("5.00", "USD", "en", 500),
        ("5", "USD", "en", 500),
        (" $5.5 ", "USD", "en", 550),
        ("1,234.50", "USD", "en", 123_450),
        ("5,00", "EUR", "de", 500),
        ("1.234,50", "EUR", "de", 123_450),
        ("1.234", "EUR", "de", 123_400),
        ("5,00", "USD", "en", 500),
        ("5.00", "EUR", "de", 500),
        ("CHF 5.–", "CHF", "de", 500),
        ("5.-", "CHF", "en", 500),
        ("500", "JPY", "ja", 500),
        ("500.00", "JPY", "en", 500),
        ("1.234", "KWD", "en", 1_234),
        ("12", "", "en", 12),
        ("12.0", "", "en", 12),
    ],
)
def test_an_amount_is_read_as_it_is_written(
    text: str, currency: str, language: str, kept: int
) -> None:
    assert typed(text, currency, language) == kept


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("5.005", "USD", "USD has 2 digits after the point."),
        ("5.5", "JPY", "JPY has no digits after the point."),
        ("1.2345", "KWD", "KWD has 3 digits after the point."),
        ("five", "USD", "This is not a number."),
        ("1e9", "USD", "This is not a number."),
        ("-5", "USD", "This must be at least $0.00."),
        ("−5", "USD", "This must be at least $0.00."),
        ("−$5.00", "USD", "This is not a number."),
        ("–5", "USD", "This is not a number."),
        ("(5.00)", "USD", "This is not a number."),
        ("5-", "USD", "This is not a number."),
        ("9" * 30, "USD", "This number is too large."),
        ("10000000000.01", "USD", "This may be $10,000,000,000.00 at most."),
        ("2.5", "", "This must be a whole number."),
        ("", "USD", "This field is required."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, currency: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        typed(text, currency)

    assert refused.value.messages == [said]


@pytest.mark.parametrize(
    ("cents", "currency", "language", "shown"),
    [
        (123_450, "USD", "en", "1234.50"),
        (123_450, "EUR", "de", "1234,50"),
        (500, "JPY", "ja", "500"),
        (1_234, "KWD", "en", "1.234"),
        (7, "", "en", "7"),
        (0, "USD", "en", "0.00"),
    ],
)
def test_what_is_shown_is_read_as_the_same(
    cents: int, currency: str, language: str, shown: str
) -> None:
    field = AmountField()
    field.currency = currency

    with translation.override(language):
        assert field.prepare_value(cents) == shown
        assert field.clean(shown) == cents


# --- The pages ------------------------------------------------------------------------------------


def of_form(answer: Any) -> dict[str, Any]:
    """What a browser would send of a page that nobody changed."""
    context = answer.context
    main = context["adminform"].form
    forms = [main, *(form for part in context["inline_admin_formsets"] for form in part.formset)]
    managers = [part.formset.management_form for part in context["inline_admin_formsets"]]
    fields = [bound for form in [*forms, *managers] for bound in form]
    values = {bound.html_name: bound.value() for bound in fields}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


def change(client: Any, name: str, pk: int, **said: Any) -> None:
    address = page(name, pk)
    answer = client.post(address, of_form(client.get(address)) | said)
    assert answer.status_code == 302, errors(answer)


@pytest.mark.parametrize(
    ("currency", "shown", "typed", "kept"),
    [("USD", "10.00", "7.50", 750), ("JPY", "1000", "750", 750), ("KWD", "1.000", "0.750", 750)],
)
def test_a_programs_money_is_in_its_own_currency(
    admin_client: Any, aurora: Program, currency: str, shown: str, typed: str, kept: int
) -> None:
    Program.objects.filter(pk=aurora.pk).update(currency=currency, earn_per_cents=1_000)
    text = seen(admin_client.get(page("rewardprogram_change", aurora.pk)))
    assert f'name="earn_per_cents" value="{shown}"' in text
    assert f'_unit">{currency}</span>' in text

    change(
        admin_client, "rewardprogram_change", aurora.pk,
        **{"earn_per_cents": typed, "rewards-0-kind": "fixed", "rewards-0-value_cents": typed},
    )  # fmt: skip

    aurora.refresh_from_db()
    assert aurora.earn_per_cents == kept
    assert Reward.objects.order_by("price").first().value_cents == kept  # type: ignore[union-attr]


def test_a_page_saved_as_it_was_changes_no_amount(admin_client: Any) -> None:
    made = {kind: programs.make(kind) for kind in ("cashback", "membership", "gift")}
    before = [*Rate.objects.values_list("from_cents"), *Plan.objects.values_list("price_cents")]
    Program.objects.update(by_hand_limit=1_234)

    for program in made.values():
        change(admin_client, f"{type(program).__name__.lower()}_change", program.pk)

    after = [*Rate.objects.values_list("from_cents"), *Plan.objects.values_list("price_cents")]
    assert after == before
    assert set(Program.objects.values_list("by_hand_limit", flat=True)) == {1_234}


def test_limits_are_of_what_a_card_counts(admin_client: Any, coffee: Program) -> None:
    gift = programs.make("gift")

    change(admin_client, "giftprogram_change", gift.pk, by_hand_limit="50")
    change(admin_client, "stampprogram_change", coffee.pk, by_hand_limit="50", cap_amount="3")

    limits = dict(Program.objects.values_list("pk", "by_hand_limit"))
    assert (limits[gift.pk], limits[coffee.pk]) == (5_000, 50)
    assert Program.objects.get(pk=coffee.pk).cap_amount == 3


def test_too_many_decimals_are_said_beside_the_field(admin_client: Any, aurora: Program) -> None:
    address = page("rewardprogram_change", aurora.pk)

    said = of_form(admin_client.get(address)) | {"earn_per_cents": "1.005"}
    answer = admin_client.post(address, said)

    assert "USD has 2 digits after the point." in seen(answer)
    assert 'value="1.005"' in seen(answer)
    assert Program.objects.get(pk=aurora.pk).earn_per_cents == aurora.earn_per_cents


def test_a_campaigns_amounts_are_in_its_currency(admin_client: Any) -> None:
    said = {
        "name": "Five off", "slug": "five", "offer": "5 off", "kind": "fixed", "currency": "CHF",
        "value_cents": "5", "minimum_cents": "20.50", "supply": "generated", "is_active": "on",
    }  # fmt: skip

    answer = admin_client.post(page("campaign_add"), said)

    assert answer.status_code == 302, errors(answer)
    made = Campaign.objects.get()
    assert (made.value_cents, made.minimum_cents) == (500, 2_050)
    text = seen(admin_client.get(page("campaign_change", made.pk)))
    assert 'name="minimum_cents" value="20.50"' in text
    assert "CHF" in text


def test_the_ladder_counts_money_or_orders(admin_client: Any) -> None:
    Business.objects.update(currency="CHF")
    ladder = page("ladder_change", 1)
    row = {"name": "Gold", "color": "#b45309", "benefits": "", "id": "", "ladder": "1"}
    rows = {f"tiers-0-{name}": value for name, value in row.items()}

    said = of_form(admin_client.get(ladder)) | rows | {"tiers-TOTAL_FORMS": 1}
    admin_client.post(ladder, said | {"close_amount": "9.90", "tiers-0-threshold": "100"})
    assert Ladder.get().close_amount == 990
    assert Ladder.get().tiers.get().threshold == 10_000

    said = of_form(admin_client.get(ladder)) | {"metric": "orders"}
    admin_client.post(ladder, said | {"close_amount": "2", "tiers-0-threshold": "12"})
    assert Ladder.get().close_amount == 2
    assert Ladder.get().tiers.get().threshold == 12


def test_a_referral_is_worth_money_on_a_cashback_card(admin_client: Any, coffee: Program) -> None:
    cashback = programs.make("cashback")
    said = {
        "program": coffee.pk, "is_active": "on", "rewarded": "both", "occasion": "use",
        "minimum_cents": "10.00", "window_days": 30, "gives": cashback.pk,
        "referrer_amount": "2.50", "referred_amount": "1",
    }  # fmt: skip

    answer = admin_client.post(page("referraloffer_add"), said)

    assert answer.status_code == 302, errors(answer)
    offer = ReferralOffer.objects.get()
    assert (offer.minimum_cents, offer.referrer_amount, offer.referred_amount) == (1_000, 250, 100)

    admin_client.post(page("referraloffer_change", offer.pk), said | {"gives": ""})
    offer.refresh_from_db()
    assert (offer.minimum_cents, offer.referrer_amount) == (1_000, 250)  # 2.5 stamps are refused


def test_by_hand_is_in_major_units_and_waits_above_a_limit_in_them(
    admin_client: Any, new_card: NewCard
) -> None:
    card = new_card("gift")
    Program.objects.update(by_hand_limit=2_000)
    address = page("card_by_hand", card.pk)
    text = seen(admin_client.get(address))
    assert "More than $20.00 at once" in text
    had = balances(card)["money"]

    for n, amount in enumerate(("12.50", "20.01")):
        said = {
            "what": "accrue money",
            "amount": amount,
            "reason": "Oh",
            "key": f"by-hand:{n:016x}",
        }
        admin_client.post(address, said)

    assert balances(card) == {"money": had + 1_250}
    assert Adjustment.objects.get().amount == 2_001
    assert "Give $20.01" in seen(admin_client.get(page("adjustment_changelist")))


def test_the_ledger_speaks_a_shop_owners_words(
    admin_client: Any, new_card: NewCard, admin_user: Any
) -> None:
    card = new_card("gift")
    address = page("card_by_hand", card.pk)
    said = {"what": "redeem money", "amount": "1", "reason": "Oh", "key": f"by-hand:{1:016x}"}
    admin_client.post(address, said)
    customer: Customer = card.customer

    shown = {
        name: seen(admin_client.get(page(name, *pk)))
        for name, *pk in (
            ("operation_changelist",),
            ("card_change", card.pk),
            ("customer_change", customer.pk),
        )
    }

    for name, text in shown.items():
        assert "Taken by hand" in text, name
        assert "−$1.00" in text, name
        assert admin_user.get_username() in text, name
        assert f"staff:{admin_user.pk}" not in text, name
        assert "Accrue" not in text, name
