from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty import customers
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.errors import CustomerConflict, Invalid, NotFound
from loyalty.models import Consent, Customer, Event
from tests.planner import count_rows

pytestmark = pytest.mark.django_db

API = Cause("api:3")


def join(now, **details):
    return customers.join(Details(**details), cause=API, now=now)


def news(customer):
    return list(customer.events.order_by("pk").values_list("name", "data"))


# --- Joining --------------------------------------------------------------------------------------


def test_who_joins_is_kept_in_one_form(now):
    customer, made = join(
        now,
        email=" Zoe@Example.COM ",
        phone="+41 44 668 18 00",
        first_name=" Zoë ",
        birthday="1990-02-28",
        language="DE-CH",
        time_zone="Europe/Zurich",
        tags=["vip", "vip", "early"],
        attributes={"shoe": 38},
    )

    assert made
    customer.refresh_from_db()
    assert customer.email == "zoe@example.com"
    assert customer.phone == "+41446681800"
    assert customer.first_name == "Zoë"
    assert customer.birthday == date(1990, 2, 28)
    assert customer.language == "de-CH"
    assert customer.tags == ["vip", "early"]
    assert customer.attributes == {"shoe": 38}
    assert customer.created_at == now
    assert news(customer) == [("customer_created", {})]


def test_who_joins_again_is_returned_unchanged(alice, now):
    events = Event.objects.count()

    same, made = join(now, email="ALICE@example.com", first_name="Alicia", consent={"sms": True})

    assert (same, made) == (alice, False)
    same.refresh_from_db()
    assert same.first_name == "Alice"
    assert same.consents == {"email": True}
    assert Event.objects.count() == events


def test_details_of_two_people_are_a_conflict(alice, bob, now):
    with pytest.raises(CustomerConflict):
        join(now, email="alice@example.com", external_id="bob")

    assert Customer.objects.count() == 2


def test_nobody_joins_without_a_name(now):
    with pytest.raises(Invalid) as refusal:
        join(now, language="en")

    assert set(refusal.value.fields) == {"email"}
    assert not Customer.objects.exists()


def test_silence_is_a_no_and_a_yes_is_on_record(now):
    customer, _made = join(now, email="zoe@example.com", consent={"email": True})

    assert customer.consents_to("email")
    assert not customer.consents_to("sms")
    assert list(Consent.objects.values_list("channel", "is_given", "source")) == [
        ("email", True, "api:3")
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a" * 250 + "@example.com"),
        ("phone", "044 668 18 00"),
        ("phone", "+1"),
        ("first_name", "NUL \x00"),
        ("first_name", "half \ud800"),
        ("first_name", "x" * 121),
        ("first_name", 7),
        ("birthday", "28.2.1990"),
        ("birthday", "0001-01-01"),
        ("language", "English"),
        ("time_zone", "Mars/Olympus"),
        ("tags", "vip"),
        ("tags", [""]),
        ("tags", ["x" * 61]),
        ("attributes", {"n": float("nan")}),
        ("attributes", {"n": 2**63}),
        ("attributes", {"\x00": 1}),
        ("attributes", {"big": "x" * 16_384}),
        ("consent", {"email": "yes"}),
        ("consent", {"pigeon": True}),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(field, value, now):
    with pytest.raises(Invalid) as refusal:
        join(now, **{"external_id": "zoe", field: value})

    assert set(refusal.value.fields) == {field}
    assert not Customer.objects.exists()
    assert not Event.objects.exists()


# --- Matching -------------------------------------------------------------------------------------


def test_the_first_match_counts(alice, bob, now):
    assert customers.find(Who(id=alice.pk, external_id="bob")) == alice
    assert customers.find(Who(external_id="bob", email="alice@example.com")) == bob
    assert customers.find(Who(external_id="no one", email="Alice@Example.com")) == alice
    assert customers.find(Who(phone="+41 44 668 18 00")) == alice
    assert customers.find(Who(email="no.one@example.com")) is None


def test_an_id_that_nobody_has_is_refused(alice, now):
    with pytest.raises(Invalid):
        customers.find(Who(id=alice.pk + 1000, email="alice@example.com"))


@pytest.mark.parametrize(
    "who", [Who(email="x@y.example"), Who(phone="+41446681800"), Who(external_id="x")]
)
def test_nobody_is_looked_for_in_the_whole_table(who, now):
    Customer.objects.bulk_create(
        Customer(email=f"{n}@y.example", phone=f"+4144{n:07}", external_id=str(n))
        for n in range(1_000)
    )
    count_rows()

    with CaptureQueriesContext(connection) as asked:
        customers.find(who)

    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(explain + asked[0]["sql"])
        plan = str(cursor.fetchall())
    assert "belongs_to_one_customer" in plan or "search_email" in plan


def test_whom_nobody_knows_is_made_without_consent(now):
    customer, made = customers.find_or_create(Who(email="New@example.com"), cause=API, now=now)

    assert made
    assert customer.email == "new@example.com"
    assert customer.consents == {}
    assert customers.find_or_create(Who(email="new@example.com"), cause=API, now=now) == (
        customer,
        False,
    )


def test_nobody_named_is_refused(now):
    with pytest.raises(Invalid):
        customers.find_or_create(Who(), cause=API, now=now)

    assert not Customer.objects.exists()


# --- Changing -------------------------------------------------------------------------------------


def test_a_change_tells_what_changed_and_a_repeat_tells_nothing(alice, now):
    before = len(news(alice))

    for _twice in range(2):
        customers.change(alice, {"first_name": "Ally", "language": "en"}, cause=API, now=now)

    assert news(alice)[before:] == [("customer_updated", {"fields": ["first_name"]})]
    alice.refresh_from_db()
    assert alice.name == "Ally Arnold"


def test_tags_are_replaced_and_each_difference_is_told(alice, now):
    customers.change(alice, {"tags": ["vip"]}, cause=API, now=now)
    before = len(news(alice))

    customers.change(alice, {"tags": ["early"]}, cause=API, now=now)

    assert news(alice)[before:] == [
        ("tag_added", {"tag": "early"}),
        ("tag_removed", {"tag": "vip"}),
    ]
    alice.refresh_from_db()
    assert alice.tags == ["early"]


def test_a_tag_is_added_and_removed_once(alice, now):
    before = len(news(alice))

    for _twice in range(2):
        customers.change(alice, {"tags": ["vip"]}, cause=API, now=now)
    for _twice in range(2):
        customers.change(alice, {"tags": []}, cause=API, now=now)

    assert [name for name, _data in news(alice)[before:]] == ["tag_added", "tag_removed"]


def test_a_withdrawn_consent_is_kept_beside_the_first(carol):
    assert not carol.consents_to("email")
    assert list(carol.consent_history.values_list("is_given", "source")) == [
        (False, "the shop"),
        (True, "staff:1"),
    ]


def test_an_email_of_someone_else_is_a_conflict(alice, carol, now):
    with pytest.raises(CustomerConflict):
        customers.change(carol, {"email": "alice@example.com"}, cause=API, now=now)

    carol.refresh_from_db()
    assert carol.email == "carol@example.com"


def test_an_unknown_field_is_refused(alice, now):
    before = news(alice)

    with pytest.raises(Invalid) as refusal:
        customers.change(alice, {"first_name": "A", "shoe": 38}, cause=API, now=now)

    assert set(refusal.value.fields) == {"shoe"}
    assert news(alice) == before


def test_many_are_tagged_in_one_batch(alice, bob, now):
    drafts = [
        draft
        for customer in (alice, bob)
        for draft in customers.tagged(customer, "vip", API, now, f"journey:{customer.pk}:1")
    ]

    customers.flush([alice, bob], now)

    assert [draft.name for draft in drafts] == ["tag_added", "tag_added"]
    assert list(Customer.objects.order_by("pk").values_list("tags", flat=True)) == [["vip"]] * 2
    assert customers.tagged(alice, "vip", API, now, "journey:1:2") == []


def test_an_erased_customer_cannot_be_changed(alice, now):
    customers.erase(alice, cause=API, now=now)

    with pytest.raises(NotFound):
        customers.change(alice, {"first_name": "Alice"}, cause=API, now=now)

    alice.refresh_from_db()
    assert alice.first_name == ""
