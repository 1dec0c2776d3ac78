"""The API's addresses that belong to loyalty, below /api/v1/."""

from django.urls import path

from loyalty.api.cards import Accrue, Cards, OneCard, Redeem, Renewal
from loyalty.api.claims import Capture, Hold, Void
from loyalty.api.coupons import CheckCoupon, Coupons, OneCoupon, RedeemCoupon
from loyalty.api.customers import Customers, Merge, OneCustomer
from loyalty.api.device import Device
from loyalty.api.events import Events
from loyalty.api.exports import ExportFile, Exports, OneExport
from loyalty.api.imports import ImportReport, Imports, OneImport
from loyalty.api.kiosk import Kiosk
from loyalty.api.operations import Operations, Reverse
from loyalty.api.orders import OneOrder, Orders
from loyalty.api.passes import PassFile
from loyalty.api.presents import OnePresent, Presents
from loyalty.api.reviews import Reviews
from loyalty.api.scan import Scan
from loyalty.api.tiers import Tiers
from loyalty.api.transfers import Transfer

urlpatterns = [
    path("scan/", Scan.as_view()),
    path("device/", Device.as_view()),
    path("kiosk/", Kiosk.as_view()),
    path("cards/", Cards.as_view()),
    path("cards/<str:serial>/", OneCard.as_view()),
    path("cards/<str:serial>/accrue/", Accrue.as_view()),
    path("cards/<str:serial>/redeem/", Redeem.as_view()),
    path("cards/<str:serial>/hold/", Hold.as_view()),
    path("cards/<str:serial>/transfer/", Transfer.as_view()),
    path("cards/<str:serial>/renew/", Renewal.as_view()),
    path("cards/<str:serial>/pass/", PassFile.as_view()),
    path("cards/<str:serial>/operations/", Operations.as_view()),
    path("claims/<int:claim_id>/capture/", Capture.as_view()),
    path("claims/<int:claim_id>/void/", Void.as_view()),
    path("operations/<int:operation_id>/reverse/", Reverse.as_view()),
    path("presents/", Presents.as_view()),
    path("presents/<int:present_id>/", OnePresent.as_view()),
    path("customers/", Customers.as_view()),
    path("customers/<int:customer_id>/", OneCustomer.as_view()),
    path("customers/<int:customer_id>/merge/", Merge.as_view()),
    path("coupons/", Coupons.as_view()),
    path("coupons/check/", CheckCoupon.as_view()),
    path("coupons/redeem/", RedeemCoupon.as_view()),
    path("coupons/<str:code>/", OneCoupon.as_view()),
    path("orders/", Orders.as_view()),
    path("orders/<path:key>/", OneOrder.as_view()),
    path("reviews/", Reviews.as_view()),
    path("events/", Events.as_view()),
    path("tiers/", Tiers.as_view()),
    path("imports/", Imports.as_view()),
    path("imports/<int:import_id>/", OneImport.as_view()),
    path("imports/<int:import_id>/report/", ImportReport.as_view()),
    path("exports/", Exports.as_view()),
    path("exports/<int:export_id>/", OneExport.as_view()),
    path("exports/<int:export_id>/file/", ExportFile.as_view()),
]
