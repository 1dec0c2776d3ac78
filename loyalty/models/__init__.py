"""One file for each noun; a model owns its own row and nothing else."""

from loyalty.models.adjustment import Adjustment
from loyalty.models.attempt import Attempt
from loyalty.models.attribute import Attribute
from loyalty.models.business import Business
from loyalty.models.card import Card
from loyalty.models.card_link import CardLink
from loyalty.models.consent import Consent
from loyalty.models.coupon import Campaign, Coupon, CouponUse
from loyalty.models.customer import Customer
from loyalty.models.event import Event
from loyalty.models.exporting import Export, ExportChunk, ExportPart
from loyalty.models.guess import Guess
from loyalty.models.happy_hour import HappyHour
from loyalty.models.hold import Hold
from loyalty.models.importing import Import, ImportChunk, ImportPart, ImportProblem
from loyalty.models.location import Location
from loyalty.models.operation import Account, Entry, Lot, Move, Operation, OperationNote
from loyalty.models.order import Order, OrderEarning, Refund
from loyalty.models.pairing import Pairing
from loyalty.models.picture import Picture
from loyalty.models.plan import Plan
from loyalty.models.present import Present
from loyalty.models.program import Program
from loyalty.models.rate import Rate
from loyalty.models.referral import Referral, ReferralOffer, ReferralShare
from loyalty.models.review import Review, ReviewPage
from loyalty.models.reward import Reward
from loyalty.models.rfm import Rfm, RfmStanding
from loyalty.models.segment import Placement, Segment
from loyalty.models.sign_in import MagicLink, SignIn
from loyalty.models.storefront import Storefront
from loyalty.models.tier import Ladder, LadderSweep, Standing, Tier
from loyalty.models.token import ApiToken
from loyalty.models.wallet import Device, Pass, Registration, WalletKeys

# isort: split
# A lookup is known once its module is imported.
import loyalty.among
import loyalty.begins

# Django sees a card type when its module is imported.
import loyalty.programs  # noqa: F401 (imported to be seen)

__all__ = [
    "Account",
    "Adjustment",
    "ApiToken",
    "Attempt",
    "Attribute",
    "Business",
    "Campaign",
    "Card",
    "CardLink",
    "Consent",
    "Coupon",
    "CouponUse",
    "Customer",
    "Device",
    "Entry",
    "Event",
    "Export",
    "ExportChunk",
    "ExportPart",
    "Guess",
    "HappyHour",
    "Hold",
    "Import",
    "ImportChunk",
    "ImportPart",
    "ImportProblem",
    "Ladder",
    "LadderSweep",
    "Location",
    "Lot",
    "MagicLink",
    "Move",
    "Operation",
    "OperationNote",
    "Order",
    "OrderEarning",
    "Pairing",
    "Pass",
    "Picture",
    "Placement",
    "Plan",
    "Present",
    "Program",
    "Rate",
    "Referral",
    "ReferralOffer",
    "ReferralShare",
    "Refund",
    "Registration",
    "Review",
    "ReviewPage",
    "Reward",
    "Rfm",
    "RfmStanding",
    "Segment",
    "SignIn",
    "Standing",
    "Storefront",
    "Tier",
    "WalletKeys",
]
