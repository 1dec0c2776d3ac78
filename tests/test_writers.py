"""The reader behind the one-writer law sees what it should, and no more."""

from pathlib import Path

import pytest

from loyalty.models import Card
from tests import writers

SEEN = [
    "Card.objects.create(customer=c)",
    "Card.objects.filter(pk=1).update(is_active=False)",
    "models.Card.objects.get_or_create(pk=1)",
    "Card(customer=c).save()",
    "card.save()",
    "place.card.delete()",
    "def f(x: Card | None): x.save()",
    "def f():\n    found = Card.objects.filter(pk=1)\n    found.update(name='')",
    "def f():\n    for row in Card.objects.all():\n        row.save()",
    "bulk.insert(Card, rows)",
    "cursor.execute('UPDATE loyalty_card SET changed_at = now')",
]
NOT_SEEN = [
    "Card.objects.filter(pk=1).first()",
    "form.save()",
    "facts.update(card=1)",
    "def f(cards: dict[int, Card]): cards.update(more)",
    "Program.objects.create()",
]


@pytest.mark.parametrize("code", SEEN)
def test_a_write_is_seen(code, tmp_path):
    assert [write.model for write in _writes(code, tmp_path)] == ["Card"]


@pytest.mark.parametrize("code", NOT_SEEN)
def test_what_is_no_write_is_left_alone(code, tmp_path):
    assert _writes(code, tmp_path) == []


def _writes(code: str, folder: Path) -> list[writers.Write]:
    path = folder / "code.py"
    path.write_text(code)
    return list(writers.writes(path, {"Card": Card}))
