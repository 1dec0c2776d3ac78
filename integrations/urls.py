"""Where other systems knock."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("hooks/<str:connector>/<str:uuid>/<str:path_secret>/", views.hook, name="hook"),
    # Some systems cut the last slash off.
    path("hooks/<str:connector>/<str:uuid>/<str:path_secret>", views.hook),
]
