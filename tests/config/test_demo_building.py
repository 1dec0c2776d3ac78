"""How the demo comes to be, and where it does not."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from config.demo import building, credentials, history, shop
from config.demo.people import people
from loyalty import clock
from loyalty.models import Customer, Operation


def demo(*words: str) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_build_that_was_broken_off_goes_on(db, settings, monkeypatch):
    settings.DEBUG = True
    few = list(people())[:3]
    monkeypatch.setattr(building, "people", lambda: iter(few))
    shop.open_shop(clock.now())
    history.live(few[0], clock.now())
    made = list(Operation.objects.values_list("pk", flat=True))

    building.build(clock.now())

    assert [customer["name"] for customer in json.loads(demo("--json"))["customers"]] == [
        f"{person.first_name} {person.last_name}" for person in few
    ]
    assert list(Operation.objects.filter(pk__in=made).values_list("pk", flat=True)) == made


def test_all_secrets_follow_from_the_secret_key(settings):
    settings.SECRET_KEY = "one" * 20
    first = (credentials.password(), credentials.token("api"), credentials.path_secret("shopify"))
    again = (credentials.password(), credentials.token("api"), credentials.path_secret("shopify"))
    settings.SECRET_KEY = "two" * 20
    other = (credentials.password(), credentials.token("api"), credentials.path_secret("shopify"))

    assert first == again
    assert not set(first) & set(other)
    assert credentials.token("scanner") != credentials.token("api")


def test_in_production_there_is_no_demo(db, settings):
    settings.DEBUG = False

    with pytest.raises(CommandError) as refused:
        demo()

    assert refused.value.returncode == 2
    assert not Customer.objects.exists()
    assert not User.objects.exists()
