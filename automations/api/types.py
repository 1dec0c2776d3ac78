"""The catalogue: what an automation can be made of."""

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from automations import catalogue
from loyalty.api.endpoint import Endpoint
from loyalty.api.schema import says


class StepTypeAnswer(s.Serializer):
    type = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # hides Field.label
    help = s.CharField()
    parameters = s.DictField(help_text="A JSON schema of what the step takes in the portable form.")
    branches = s.ListField(
        child=s.CharField(),
        allow_null=True,
        help_text="Of a fork; else none. Null: each of these steps names its own.",
    )


class PayloadAnswer(s.Serializer):
    name = s.CharField()
    type = s.CharField()


class TriggerTypeAnswer(s.Serializer):
    type = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # hides Field.label
    parameters = s.DictField(help_text="A JSON schema of the trigger's `params`.")
    programs = s.ListField(child=s.CharField(), help_text="The types of card it is for; none: any.")
    payload = PayloadAnswer(
        many=True, allow_null=True, help_text="Its `event.*`; null: only its sender knows."
    )


class WhenAnswer(s.Serializer):
    """What must be so for a field to have a value; what is not named does not matter."""

    triggers = s.ListField(child=s.CharField(), required=False)
    programs = s.ListField(child=s.CharField(), required=False, help_text="Types of card.")


class FieldAnswer(s.Serializer):
    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # hides Field.label
    type = s.CharField()
    operators = s.ListField(child=s.CharField())
    when = WhenAnswer()


class Catalogue(s.Serializer):
    steps = StepTypeAnswer(many=True)
    triggers = TriggerTypeAnswer(many=True)
    fields = FieldAnswer(many=True)  # type: ignore[assignment]  # hides Serializer.fields


class Types(Endpoint):
    scopes = {"GET": ("automations",)}

    @says("automation_types", "What automations are made of", answers={200: Catalogue})
    def get(self, request: Request) -> Response:
        """The steps, triggers and condition fields that this installation knows."""
        return Response(catalogue.catalogue())
