"""The customer's pages; config/urls.py includes these. A card's key comes last: it is any word."""

from django.urls import path

from loyalty.portal import app, card, claims, door, join, me, opinions

urlpatterns = [
    path("join/<slug:slug>/", join.join, name="join"),
    path("c/", door.door, name="door"),
    path("c/in/<str:token>/", door.link),
    path("c/out/", door.leave, name="leave"),
    path("c/me/", me.me, name="me"),
    path("c/me/email/", me.change_email, name="change_email"),
    path("c/me/data.json", me.data, name="my_data"),
    path("c/me/delete/", me.delete, name="delete_me"),
    path("c/me/out/", me.leave_everywhere, name="leave_everywhere"),
    path("c/worker.js", app.worker),
    path("c/looks.css", app.looks, name="card_looks"),
    path("c/icon/<int:program>/<int:size>.png", app.icon, name="card_icon"),
    path("c/picture/<str:digest>.png", app.picture, name="picture"),
    path("c/<str:key>/", card.page, name="card"),
    path("c/<str:key>/live/", card.live, name="card_live"),
    path("c/<str:key>/installed/", card.installed, name="card_installed"),
    path("c/<str:key>/shared/", card.shared, name="card_shared"),
    path("c/<str:key>/review/", opinions.review, name="card_review"),
    path("c/<str:key>/claim/", claims.claim, name="card_claim"),
    path("c/<str:key>/claims/<int:hold>/back/", claims.give_back, name="card_give_back"),
    path("c/<str:key>/new-link/", card.renew_link, name="card_renew_link"),
    path("c/<str:key>/app.webmanifest", app.manifest, name="card_manifest"),
]
