"""The scanner's addresses, below /scanner/."""

from django.urls import path

from loyalty.scanner import views
from loyalty.scanner.pairing import Pair

urlpatterns = [
    path("", views.app, name="scanner"),
    path("pair/", views.app, name="scanner_pair"),
    path("pair/claim/", Pair.as_view()),
    path("manifest.webmanifest", views.manifest, name="scanner_manifest"),
    path("sw.js", views.service_worker, name="scanner_worker"),
]
