from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [
        ("loyalty.calendar.due", "loyalty.calendar.settle", "regulars"),
        ("loyalty.recounts.due", "loyalty.recounts.recount", "regulars"),
        ("loyalty.tiers.due", "loyalty.tiers.keep", "regulars"),
        ("loyalty.imports.due", "loyalty.imports.work", "regulars"),
        ("loyalty.exports.due", "loyalty.exports.work", "regulars"),
    ]

    def ready(self) -> None:
        from loyalty import (
            adjusting,
            coupons,
            disclosure,
            exports,
            imports,
            merging,
            orders,
            personal_data,
            presents,
            program_versions,
            referrals,
            reviews,
            sign_ins,
            tiers,
        )

        pre_migrate.connect(program_versions.unwatch, sender=self)
        post_migrate.connect(program_versions.watch, sender=self)
        personal_data.lockers += [exports.hold_still, imports.hold_still]
        personal_data.holders += [presents.forget, imports.forget]
        personal_data.holders += [referrals.forget, reviews.forget]
        personal_data.holders += [tiers.forget, sign_ins.end_all, adjusting.forget, orders.forget]
        personal_data.holders.append(exports.forget)
        merging.followers += [coupons.follow, referrals.follow, reviews.follow, tiers.follow]
        merging.followers += [adjusting.follow, sign_ins.follow]
        personal_data.tellers += [
            ("contact", disclosure.contact),
            ("consents", disclosure.consents),
            ("cards", disclosure.cards),
            ("orders", disclosure.orders),
            ("coupon_codes", disclosure.coupon_codes),
            ("presents", disclosure.presents),
            ("friends", disclosure.friends),
            ("groups", disclosure.groups),
            ("reviews", reviews.tell),
            ("sign_ins", disclosure.sign_ins),
            ("events", disclosure.events),
        ]
