"""The local outbox, Google Wallet and pushes; config/urls.py includes these."""

from django.urls import path

from messaging import views, wallet_views
from messaging.push_views import Subscriptions

urlpatterns = [
    path("wallet/google/callback/", wallet_views.callback),
    path("wallet/google/<str:key>/", wallet_views.save, name="google_pass"),
    path("push/subscriptions/", Subscriptions.as_view(), name="push_subscriptions"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/", views.outbox_mail, name="outbox_mail"),
]
