"""Dates read alike on every page, on the clock of the shop."""

import re
from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse

from loyalty.models import Business, Card, Customer
from messaging.models import Message, Template
from tests.house import ROOT

OWN_PATTERN = re.compile(r'\|(?:date|time):"(?!DATE_FORMAT|DATETIME_FORMAT|MONTH_DAY_FORMAT|c"|e")')


def test_no_template_has_a_date_format_of_its_own() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert len(pages) > 10

    assert [page.name for page in pages if OWN_PATTERN.search(page.read_text())] == []


def test_a_moment_is_written_alike_in_the_lists_of_all_apps(
    admin_client: Client, business: Business, coffee_card: Card, alice: Customer, now: datetime
) -> None:
    template = Template.objects.create(digest="x", subject="Hi", body="")
    Message.objects.create(
        key="1", customer=alice, template=template, created_at=now + timedelta(hours=18)
    )

    operations = admin_client.get(reverse("admin:loyalty_operation_changelist")).content.decode()
    messages = admin_client.get(reverse("admin:messaging_message_changelist")).content.decode()

    # 10:00 UTC is 5 in the morning in New York; 18 hours later it is still that day there.
    assert "Tue 3 Mar 2026, 05:00" in operations
    assert "Tue 3 Mar 2026, 23:00" in messages
