"""The law of the house. CONTRIBUTING.md says what each is for."""

import re
import tomllib
from functools import cache

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, OneToOneField
from django.test import RequestFactory

from tests import source, writers

LONGEST = 300
ROOMS_WITHOUT_A_RULE = {"utils", "helpers", "common", "services", "managers"}
DJANGOS_OWN_FOLDERS = {"migrations", "management", "commands"}

# Who may write to a table: modules, or packages with everything in them.
ONE_WRITER = {
    "Customer": ("loyalty/customers",),
    "Consent": ("loyalty/customers",),
    "Pass": ("loyalty/wallet",),
    "WalletKeys": ("loyalty/wallet",),
    "Device": ("loyalty/wallet",),
    "Registration": ("loyalty/wallet",),
    "Card": ("loyalty/cards", "loyalty/issuing"),
    "Account": ("loyalty/ledger",),
    "Operation": ("loyalty/ledger",),
    "Entry": ("loyalty/ledger",),
    "Lot": ("loyalty/ledger",),
    "Move": ("loyalty/ledger",),
    "OperationNote": ("loyalty/ledger",),
    "Hold": ("loyalty/holds",),
    "Order": ("loyalty/orders",),
    "Refund": ("loyalty/orders",),
    "OrderEarning": ("loyalty/orders",),
    "Coupon": ("loyalty/coupons",),
    "CouponUse": ("loyalty/coupons",),
    "Review": ("loyalty/reviews",),
    "Referral": ("loyalty/referrals",),
    "ReferralShare": ("loyalty/referrals",),
    "Standing": ("loyalty/tiers",),
    "LadderSweep": ("loyalty/tiers",),
    "Event": ("loyalty/events",),
    "ApiToken": ("loyalty/tokens",),
    "Guess": ("loyalty/guesses",),
    "Rfm": ("loyalty/rfm",),
    "RfmStanding": ("loyalty/rfm",),
    "Segment": ("loyalty/segments",),
    "Placement": ("loyalty/segments",),
    "Attempt": ("loyalty/attempts",),
    "CardLink": ("loyalty/card_links",),
    "MagicLink": ("loyalty/sign_ins",),
    "SignIn": ("loyalty/sign_ins",),
    "Picture": ("loyalty/pictures",),
    "Import": ("loyalty/imports",),
    "ImportChunk": ("loyalty/imports",),
    "ImportPart": ("loyalty/imports",),
    "ImportProblem": ("loyalty/imports",),
    "Export": ("loyalty/exports",),
    "ExportChunk": ("loyalty/exports",),
    "ExportPart": ("loyalty/exports",),
    "Pairing": ("loyalty/pairings",),
    "Enrolment": ("automations/engine",),
    "Journey": ("automations/engine",),
    "StepRun": ("automations/engine",),
    "Decision": ("automations/engine",),
    "Counter": ("automations/engine",),
    "Quota": ("automations/engine",),
    "Pulse": ("automations/engine",),
    "Canary": ("automations/engine",),
    "Sweep": ("automations/engine",),
    "PushSubscription": ("messaging/subscriptions",),
    "Message": ("messaging/dispatch", "messaging/outbox"),
    "Template": ("messaging/templates",),
    "Receipt": ("integrations/intake",),
}

# Folders where one file is one type, and where its tests are.
TYPES = {
    "automations/steps": "tests/automations",
    "automations/triggers": "tests/automations",
    "loyalty/programs": "tests/loyalty",
    "messaging/channels": "tests/messaging",
    "messaging/providers": "tests/messaging",
    "integrations/connectors": "tests/integrations",
    "integrations/steps": "tests/integrations",
}
ALL_TYPES = [(folder, name) for folder in TYPES for name in source.types_in(folder)]

# A step, a program and the like answer for themselves; nobody asks what kind they are.
SPEAK_FOR_THEMSELVES = {"step", "trigger", "program", "connector", "provider", "channel"}


# --- Files ----------------------------------------------------------------------------------------


def test_no_module_is_longer_than_a_reader_can_hold():
    modules = source.modules(*source.APPS, "tests")

    long = {source.name_of(path): _lines(path) for path in modules if _lines(path) > LONGEST}

    assert long == {}


def test_every_file_is_named_for_a_thing():
    nameless = [
        source.name_of(path)
        for path in source.modules(*source.APPS, "tests")
        if ROOMS_WITHOUT_A_RULE & {path.stem, path.parent.name}
    ]

    assert nameless == []


def test_every_package_says_what_it_knows():
    silent = [
        source.name_of(path)
        for path in source.modules(*source.APPS)
        if path.name == "__init__.py"
        and path.parent.name not in DJANGOS_OWN_FOLDERS
        and not source.docstring(path)
    ]

    assert silent == []


def test_imports_stand_at_the_top():
    late = [
        place
        for path in source.modules(*source.APPS)
        for place in source.imports_inside_functions(path)
    ]

    assert late == []


# --- Tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ONE_WRITER)
def test_a_table_has_one_writer(model):
    if not writers.models_called({model}):
        pytest.skip(f"{model} is not written yet")

    strangers = [
        str(write)
        for write in _all_writes()
        if write.model == model and not writers.may_write(write.path, ONE_WRITER[model])
    ]

    assert strangers == []


def test_the_admin_of_a_ruled_table_calls_its_verb():
    """Django's own form writes the row itself, so it is replaced, or nothing can be changed."""
    ruled = writers.models_called(set(ONE_WRITER)).values()

    writing = [
        model.__name__
        for model in ruled
        if (page := admin.site._registry.get(model)) and _writes_by_itself(page)
    ]

    assert writing == []


def test_nobody_can_edit_the_queue():
    queue = apps.get_app_config("django_q").get_models()

    assert [model.__name__ for model in queue if admin.site.is_registered(model)] == []


def test_every_relation_has_a_name_from_both_sides():
    nameless = [
        f"{model.__name__}.{field.name}"
        for model in _our_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey)
        and not (isinstance(field, OneToOneField) and field.remote_field.parent_link)
        and field.remote_field.related_name is None
    ]

    assert nameless == []


def test_no_rule_hides_in_a_model_signal():
    listening = [
        source.name_of(path)
        for path in source.modules(*source.APPS)
        if re.search(
            r"^from django\.db\.models"
            r"(\.signals import (?!post_migrate(, pre_migrate)?$)| import .*\bsignals)",
            path.read_text(),
            re.M,
        )
    ]

    assert listening == []


# --- Types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "name"), ALL_TYPES)
def test_a_type_has_a_test(folder, name):
    assert source.mentions(name, TYPES[folder], suffix=".py"), f"no test names {folder}/{name}"


@pytest.mark.parametrize(("folder", "name"), ALL_TYPES)
def test_a_type_is_in_the_docs(folder, name):
    assert source.mentions(name, "docs", suffix=".md"), f"no page of docs/ names {folder}/{name}"


def test_nobody_asks_a_type_what_kind_it_is():
    asking = [
        place
        for path in source.modules(*source.APPS)
        if source.name_of(path.parent) not in TYPES
        for place in source.kinds_asked(path, SPEAK_FOR_THEMSELVES)
    ]

    assert asking == []


# --- What the house is built from -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["runtime.lock", "dev.lock"])
def test_a_lock_has_names_versions_and_hashes_only(name):
    lock = (source.ROOT / "requirements" / name).read_text()

    assert (
        re.findall(r"\S*://\S*|file:\S*|(?<=\s)/\S+|--(?:extra-)?index-url|--find-links", lock)
        == []
    )
    assert all("==" in line for line in lock.splitlines() if re.match(r"\w", line))


def test_the_project_asks_for_what_the_runtime_lock_was_made_from():
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["project"]
    asked = (source.ROOT / "requirements" / "runtime.in").read_text().splitlines()

    assert project["dependencies"] == [line for line in asked if not line.startswith("#")]


# --- How the laws look ----------------------------------------------------------------------------


def _lines(path) -> int:
    return len(path.read_text().splitlines())


@cache
def _all_writes() -> list[writers.Write]:
    models = writers.models_called(set(ONE_WRITER))
    return [
        write for path in source.modules(*source.APPS) for write in writers.writes(path, models)
    ]


def _our_models() -> list[type[Model]]:
    return [model for app in source.APPS for model in apps.get_app_config(app).get_models()]


def _writes_by_itself(page: admin.ModelAdmin) -> bool:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    saves = page.has_add_permission(request) or page.has_change_permission(request)
    own_save = type(page).save_model is not admin.ModelAdmin.save_model
    own_delete = type(page).delete_model is not admin.ModelAdmin.delete_model
    return (saves and not own_save) or (page.has_delete_permission(request) and not own_delete)
