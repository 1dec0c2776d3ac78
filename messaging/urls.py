"""The local outbox, and Google Wallet; config/urls.py includes these."""

from django.urls import path

from messaging import views, wallet_views

urlpatterns = [
    path("wallet/google/callback/", wallet_views.callback),
    path("wallet/google/<str:key>/", wallet_views.save, name="google_pass"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/", views.outbox_mail, name="outbox_mail"),
]
