"""Attributes: what a shop defines is kept in its type; the rest stays as it came."""

import pytest

from loyalty import attributes, customers
from loyalty.cleaning import Unfit
from loyalty.errors import Invalid
from loyalty.models import Attribute, Customer
from tests.cast import BY_STAFF, person
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def defined(db) -> None:
    for position, (slug, kind, choices) in enumerate(
        [
            ("shoe_size", "number", []),
            ("since", "date", []),
            ("milk", "choice", ["oat", "cow"]),
            ("sugar", "boolean", []),
            ("nickname", "text", []),
        ]
    ):
        Attribute.objects.create(
            slug=slug, label=slug.title(), type=kind, choices=choices, position=position
        )


GOOD = {
    "shoe_size": 42.5, "since": "2026-02-28", "milk": "oat", "sugar": False, "nickname": "Al",
}  # fmt: skip


def test_what_fits_is_kept(defined, now):
    alice = person(now, first_name="Alice", attributes=GOOD | {"anything": ["goes"]})

    assert Customer.objects.get(pk=alice.pk).attributes == GOOD | {"anything": ["goes"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shoe_size", "42"),
        ("shoe_size", True),
        ("since", "2026-02-30"),
        ("since", 5),
        ("milk", "soy"),
        ("milk", ["oat"]),
        ("sugar", "yes"),
        ("nickname", 3),
        ("nickname", "x" * 501),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, value, defined, bob, now):
    with pytest.raises(Invalid) as refused:
        customers.change(bob, {"attributes": {name: value}}, cause=BY_STAFF, now=now)

    assert name.title() in refused.value.fields["attributes"][0]
    assert Customer.objects.get(pk=bob.pk).attributes == {}


def test_what_is_empty_is_left_out(defined, bob, now):
    said = {"nickname": "", "sugar": None, "other": ""}

    bob = customers.change(bob, {"attributes": said}, cause=BY_STAFF, now=now)

    assert bob.attributes == {"other": ""}


@pytest.mark.parametrize(
    ("slug", "written", "value"),
    [
        ("shoe_size", "42", 42),
        ("shoe_size", "42.50", 42.5),
        ("sugar", "Yes", True),
        ("sugar", "false", False),
        ("since", "2026-01-01", "2026-01-01"),
        ("milk", " oat ", "oat"),
        ("nickname", "7", "7"),
        ("unknown", "7", 7),
        ("unknown", "007", "007"),
        ("unknown", "true", True),
        ("unknown", "yes", "yes"),
        ("unknown", "1e999", "1e999"),
    ],
)
def test_what_is_typed_is_read_by_its_type(slug, written, value, defined):
    read = attributes.from_text(attributes.defined(slug).get(slug), written)

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("slug", "written"), [("shoe_size", "big"), ("sugar", "1"), ("milk", "x")])
def test_what_is_typed_and_does_not_fit_is_refused(slug, written, defined):
    with pytest.raises(Unfit):
        attributes.from_text(attributes.defined(slug)[slug], written)


def test_the_customers_page_has_a_field_for_each(defined, admin_client, now):
    alice = person(now, first_name="Alice", attributes=GOOD | {"other": 1})
    address = page("customer_change", alice.pk)
    form = admin_client.get(address).context["adminform"].form
    assert form["attribute_milk"].value() == "oat"
    assert form["attributes"].value() == '{"other": 1}'

    answer = admin_client.post(
        address,
        {
            "first_name": "Alice", "attributes": '{"other": 2}', "attribute_shoe_size": "43",
            "attribute_since": "", "attribute_milk": "cow", "attribute_sugar": "yes",
            "attribute_nickname": "Ally",
        },
    )  # fmt: skip

    assert answer.status_code == 302, answer.context["adminform"].errors
    assert Customer.objects.get(pk=alice.pk).attributes == {
        "other": 2, "shoe_size": 43, "milk": "cow", "sugar": True, "nickname": "Ally",
    }  # fmt: skip


def test_an_attribute_is_defined_on_its_page(admin_client):
    said = {"label": "Milk", "slug": "milk", "type": "choice", "choices": "oat\ncow\n\noat",
            "position": "0"}  # fmt: skip

    assert admin_client.post(page("attribute_add"), said).status_code == 302
    assert Attribute.objects.get().choices == ["oat", "cow"]
    assert "oat" in seen(admin_client.get(page("attribute_change", Attribute.objects.get().pk)))


@pytest.mark.parametrize("wrong", [{"choices": ""}, {"slug": "1st"}, {"slug": "a b"}])
def test_an_attribute_that_cannot_be_is_refused(wrong, admin_client):
    said = {"label": "Milk", "slug": "milk", "type": "choice", "choices": "oat", "position": "0"}

    answer = admin_client.post(page("attribute_add"), said | wrong)

    assert set(answer.context["adminform"].errors) == set(wrong)
    assert not Attribute.objects.exists()
