"""Who is refused, or has gone, reads why on a page of ours."""

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse


def test_a_page_from_before_signing_in_is_not_saved_and_says_so(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    answer = client.post(reverse("admin:loyalty_customer_add"), {"first_name": "Alice"})

    assert answer.status_code == 403
    assert "This page is too old to be saved" in answer.content.decode()


def test_who_signs_out_is_shown_the_way_back(admin_user: User) -> None:
    client = Client()
    client.force_login(admin_user)

    answer = client.post(reverse("admin:logout"))

    assert "You are signed out" in answer.content.decode()
    assert reverse("admin:index") in answer.content.decode()
    assert "Logged out" not in answer.content.decode()
