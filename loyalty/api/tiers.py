"""The ladder of tiers, as other systems read it."""

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import tiers
from loyalty.api.endpoint import Endpoint
from loyalty.api.schema import says
from loyalty.models import Ladder
from loyalty.models.tier import Metric, Window


class Rung(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    level = s.IntegerField(help_text="Its place from below; 1 is the lowest.")
    threshold = s.IntegerField(help_text="In minor units, orders or points; 0: everybody.")
    benefits = s.ListField(child=s.CharField())
    color = s.CharField()
    customers = s.IntegerField(help_text="How many stand there now.")


class LadderAnswer(s.Serializer):
    counts = s.ChoiceField(choices=Metric.values, help_text="What takes a customer up.")
    over = s.ChoiceField(choices=Window.values, help_text="Over which time that is counted.")
    months = s.IntegerField(allow_null=True, help_text="How many, where the last months count.")
    results = Rung(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Tiers(Endpoint):
    scopes = {"GET": ("customers", "automations")}

    @says("list_tiers", "The ladder of tiers, the lowest first", answers={200: LadderAnswer})
    def get(self, request: Request) -> Response:
        """Empty where the business has no tiers. A customer's own tier is in `customers/{id}/`."""
        ladder = Ladder.get()
        counts_months = ladder.window == Window.MONTHS
        return Response(
            {
                "counts": ladder.metric,
                "over": ladder.window,
                "months": ladder.window_months if counts_months else None,
                "results": [
                    {
                        "slug": tier.slug,
                        "name": tier.name,
                        "level": level,
                        "threshold": tier.threshold,
                        "benefits": tier.benefits.splitlines(),
                        "color": tier.color,
                        "customers": people,
                    }
                    for level, (tier, people) in enumerate(tiers.population(), 1)
                ],
                "next": None,
                "previous": None,
            }
        )
