"""The API's addresses that belong to automations, below /api/v1/automations/."""

from django.urls import path

from automations.api.automations import Automations, OneAutomation, Pause, Publish
from automations.api.journeys import Journeys
from automations.api.types import Types

urlpatterns = [
    path("", Automations.as_view()),
    path("types/", Types.as_view()),
    path("<slug:slug>/", OneAutomation.as_view()),
    path("<slug:slug>/publish/", Publish.as_view()),
    path("<slug:slug>/pause/", Pause.as_view()),
    path("<slug:slug>/journeys/", Journeys.as_view()),
]
