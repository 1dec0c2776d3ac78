"""What becomes of two standings when their customers turn out to be one person."""

from loyalty.merged import Merged
from loyalty.models import Standing
from loyalty.tiers import rules, standings


def follow(merged: Merged) -> None:
    """The higher tier stays, with what a hand said of it; nobody is told. What both have come to is
    counted when the merge is heard."""
    found = {
        row.pk: row for row in Standing.objects.filter(pk__in=[merged.gone_id, merged.kept_id])
    }
    gone, ladder = found.get(merged.gone_id), rules.read()
    if gone is None:
        return
    kept = found.get(merged.kept_id) or Standing(customer_id=merged.kept_id, since=gone.since)
    if ladder and ladder.level(gone) > ladder.level(kept):
        kept.tier_id, kept.since, kept.reason = gone.tier_id, gone.since, gone.reason
        kept.locked_until = gone.locked_until
        standings.schedule(kept, ladder, merged.now)
    standings.write([kept])
    gone.delete()
