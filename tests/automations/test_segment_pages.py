"""Staff's pages of segments: made, looked at before, counted, changed and deleted."""

import pytest
from django.contrib.auth.models import Permission, User

from loyalty import segments
from loyalty.models import Attribute, Placement, Segment
from tests.cast import person
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


def rows(name: str, field: str, op: str, value: str, **more: str) -> dict[str, str]:
    return {
        "name": name,
        "condition-join": "all",
        "condition-total": "1",
        "condition-0-field": field,
        "condition-0-op": op,
        "condition-0-value": value,
        **more,
    }


VIPS = rows("Our VIPs", "customer.tags", "has", "vip")


@pytest.fixture
def vera(business, now):
    return person(now, first_name="Vera", tags=["vip"])


def test_the_first_page_says_what_a_segment_is(admin_client, business):
    assert "No segments yet" in seen(admin_client.get(page("segment_changelist")))


def test_a_segment_is_made_and_counted(admin_client, vera, bob):
    answer = admin_client.post(page("segment_add"), VIPS)

    made = Segment.objects.get()
    assert answer.status_code == 302
    assert (made.slug, made.size) == ("our-vips", 1)
    assert made.condition == {"all": [["customer.tags", "has", "vip"]]}
    listed = seen(admin_client.get(page("segment_changelist")))
    assert "Our VIPs" in listed
    assert "tags has “vip”" in listed
    people = admin_client.get(f"{page('customer_changelist')}?segment=our-vips")
    assert list(people.context["cl"].result_list) == [vera]


def test_who_matches_is_seen_before_anything_is_saved(admin_client, vera, bob):
    shown = seen(admin_client.post(page("segment_add"), VIPS | {"preview": "yes"}))

    assert "1 of 2 customers matches now." in shown or "1 of 2 customer matches now." in shown
    assert "Vera" in shown
    assert not Segment.objects.exists()


def test_a_button_of_rows_saves_nothing(admin_client, vera):
    answer = admin_client.post(page("segment_add"), VIPS | {"condition-rows": "add"})

    assert answer.status_code == 422
    assert 'name="condition-1-field"' in answer.content.decode()
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        rows("Now", "now.weekday", "=", "monday"),
        rows("Event", "event.amount", ">", "1"),
        rows("Inside", "customer.segments", "has", "vips"),
        rows("", "customer.tags", "has", "vip"),
        rows("Empty", "", "", ""),
    ],
)
def test_what_cannot_be_counted_is_refused_on_the_page(said, admin_client, vera):
    answer = admin_client.post(page("segment_add"), said)

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Segment.objects.exists()


def test_a_defined_attribute_is_asked_for_in_its_type(admin_client, business, now):
    Attribute.objects.create(slug="since", label="Guest since", type="date")
    person(now, first_name="Old", attributes={"since": "2019-05-01"})
    person(now, first_name="New", attributes={"since": "2026-01-01"})
    asked = rows("Old guests", "customer.attributes.since", "<", "2020-01-01")

    shown = admin_client.get(page("segment_add")).content.decode()
    admin_client.post(page("segment_add"), asked)

    assert "Guest since" in shown
    placed = Placement.objects.values_list("customer__first_name", flat=True)
    assert list(placed) == ["Old"]
    wrong = admin_client.post(page("segment_add"), asked | {"condition-0-value": "soon"})
    assert wrong.status_code == 422


def test_a_slug_that_is_taken_is_refused(admin_client, vera, now):
    segments.make("our-vips", "Mine", ["customer.tags", "has", "x"], now=now)

    answer = admin_client.post(page("segment_add"), VIPS)

    assert answer.status_code == 422
    assert "Another segment has this already" in answer.content.decode()


def test_another_condition_is_counted_at_once(admin_client, vera, bob, now):
    vips = segments.make("vips", "VIPs", ["customer.tags", "has", "vip"], now=now)
    assert "VIPs" in seen(admin_client.get(page("segment_change", vips.pk)))

    admin_client.post(
        page("segment_change", vips.pk), rows("Bobs", "customer.first_name", "=", "Bob")
    )

    assert list(Placement.objects.values_list("customer", flat=True)) == [bob.pk]
    vips.refresh_from_db()
    assert (vips.slug, vips.name) == ("vips", "Bobs")


def test_it_is_counted_when_staff_ask(admin_client, vera, now):
    vips = segments.make("vips", "VIPs", ["customer.tags", "has", "vip"], now=now)
    person(now, first_name="Late", tags=["vip"])

    admin_client.post(page("segment_count", vips.pk))

    assert Placement.objects.filter(segment=vips).count() == 2


def test_it_is_deleted_after_a_question(admin_client, vera, now):
    vips = segments.make("vips", "VIPs", ["customer.tags", "has", "vip"], now=now)
    assert "Nobody is told" in seen(admin_client.get(page("segment_delete", vips.pk)))
    assert Segment.objects.exists()

    admin_client.post(page("segment_delete", vips.pk))

    assert not Segment.objects.exists()
    assert not Placement.objects.exists()


def test_who_may_only_look_changes_nothing(client, vera, now):
    vips = segments.make("vips", "VIPs", ["customer.tags", "has", "vip"], now=now)
    user = User.objects.create_user("eye", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(user)

    assert client.get(page("segment_changelist")).status_code == 200
    assert client.get(page("segment_change", vips.pk)).status_code == 200
    for name, at in (
        ("add", []),
        ("change", [vips.pk]),
        ("count", [vips.pk]),
        ("delete", [vips.pk]),
    ):
        assert client.post(page(f"segment_{name}", *at), VIPS).status_code == 403
    assert Segment.objects.get().name == "VIPs"
