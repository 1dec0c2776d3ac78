"""Addresses of the wallets, below /wallet/; Apple's phones add the `v1/…` themselves."""

from django.urls import path

from loyalty.wallet import views
from loyalty.wallet.apple.views import ChangedPasses, Log, OnePass, OneRegistration

DEVICE = "apple/v1/devices/<str:library>/registrations/<str:pass_type>"

urlpatterns = [
    path(f"{DEVICE}/<str:serial>", OneRegistration.as_view()),
    path(DEVICE, ChangedPasses.as_view()),
    path("apple/v1/passes/<str:pass_type>/<str:serial>", OnePass.as_view()),
    path("apple/v1/log", Log.as_view()),
    path("apple/<str:key>.pkpass", views.apple_pass, name="apple_pass"),
    path("logo/<slug:slug>.png", views.logo, name="wallet_logo"),
]
