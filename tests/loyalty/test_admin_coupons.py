"""Staff's pages for coupon campaigns."""

from io import BytesIO

import pytest

from loyalty import coupons
from loyalty.models import Campaign
from tests.loyalty.codes import campaign, pool, redeem
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


def post(client, ten: Campaign, act: str, **said):
    return client.post(page("campaign_codes", ten.pk), {"act": act, **said})


def test_codes_are_made_and_counted(admin_client, business, now):
    ten = campaign(supply="pool")

    answer = post(admin_client, ten, "make", number=30)
    redeem(ten.coupons.earliest("pk").code, now)

    assert answer.status_code == 302
    text = seen(admin_client.get(page("campaign_codes", ten.pk)))
    assert '<progress class="codes-progress" max="30" value="1"' in text
    assert "Ten off" in seen(admin_client.get(page("campaign_changelist")))


def test_codes_are_imported_and_bad_lines_are_shown(admin_client, business):
    ten = campaign(supply="pool")
    file = BytesIO(b"code-1,Ann\ncode-2,Ben\nCODE-1,Cem\n")
    file.name = "codes.csv"

    answer = post(admin_client, ten, "import", file=file)

    assert "The same code stands in line 1." in seen(answer)
    assert ten.coupons.count() == 2
    assert "Paste some codes" in seen(post(admin_client, ten, "import"))


def test_the_code_for_everybody_is_set(admin_client, business):
    ten = campaign(supply="shared")

    post(admin_client, ten, "share", code="WELCOME")

    assert "<strong>WELCOME</strong>" in seen(admin_client.get(page("campaign_codes", ten.pk)))
    assert "cannot be a code" in seen(post(admin_client, ten, "share", code="two words"))


def test_an_export_runs_no_formula(admin_client, business, now):
    ten = campaign(supply="pool")
    coupons.import_codes(ten, ["=1+1", "@x", "plain"], now=now)

    answer = admin_client.get(page("campaign_export", ten.pk))

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["code", "'=1+1", "'@x", "plain"]
    assert "attachment" in answer["Content-Disposition"]


def test_a_code_is_found_however_it_is_typed_and_voided(admin_client, business, now):
    code = pool(1, now).coupons.get()

    assert code.code in seen(admin_client.get(page("coupon_changelist"), {"q": code.code.lower()}))
    admin_client.post(page("coupon_changelist"), {"action": "void", "_selected_action": [code.pk]})

    code.refresh_from_db()
    assert code.state == "void"


def test_who_may_not_change_campaigns_sees_no_codes(client, django_user_model, business, now):
    client.force_login(django_user_model.objects.create(username="eve", is_staff=True))
    ten = pool(1, now)

    for name in ("campaign_codes", "campaign_export"):
        assert client.get(page(name, ten.pk)).status_code == 403
