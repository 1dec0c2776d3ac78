"""A step for somebody else that keeps failing is a step that keeps failing."""

from automations.models import Journey
from automations.steps.issue_coupon import IssueCoupon
from tests.automations.chains import run, runs, wave, working
from tests.loyalty import codes
from tests.loyalty.friends import bring, offer

CODE = {"key": "c", "type": "issue_coupon", "campaign": "ten", "to": "referrer"}


def test_it_stops_the_automation(coffee_card, now, settings):
    settings.BREAKER_FAILURES, settings.BREAKER_PERCENT = 3, 50
    offer(coffee_card.program)
    codes.campaign(slug="ten")
    nick = bring(coffee_card, now).referred
    automation = working([CODE], now, programs=["coffee"])
    campaign = IssueCoupon.objects.get().campaign_id
    IssueCoupon.objects.update(campaign=0)  # there is none
    for n in range(3):
        wave(nick, now, key=f"wave {n}")

    run(now)

    IssueCoupon.objects.update(campaign=campaign)
    automation.refresh_from_db()
    assert {runs(journey)[-1][0] for journey in Journey.objects.all()} == {"stopped"}
    assert automation.counters.total("failed") == 3
    assert automation.mode == "draft"
