"""The forty customers of Café Aurora."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from loyalty.customers import Details

# The first is for whoever tries the product: both cards, nothing on them, email consent.
NAMES = """
Nora Lindqvist, Mateo Alvarez, Aisha Rahman, Liam O'Connor, Hannah Weiss, Tomasz Nowak,
Priya Iyer, Lucas Moreau, Emma Johansen, Kenji Tanaka, Sofia Rossi, Daniel Cohen, Grace Mensah,
Oliver Hughes, Mila Petrova, Jonas Keller, Camille Laurent, Ravi Patel, Zoe Anderson, Omar Haddad,
Ingrid Solberg, Marco Bianchi, Lena Fischer, Samuel Okafor, Elif Yilmaz, Noah Bennett, Chloe Martin,
David Kim, Anna Kowalska, Hugo Dubois, Maya Levi, Peter Novak, Isabel Santos, Felix Braun,
Yara Silva, Adam Clarke, Julia Schmid, Leo Fontaine, Amara Diallo, Victor Lindgren
"""
LANGUAGES = ("en", "en", "en", "de", "fr", "en", "es", "en")
TAGS = {
    7: ("vip",),
    13: ("vip", "neighbour"),
    20: ("neighbour",),
    26: ("staff family",),
    33: ("vip",),
}


@dataclass(frozen=True, slots=True)
class Person:
    """`number` counts from 1 and decides their habits (config/demo/history.py)."""

    number: int
    first_name: str
    last_name: str

    @property
    def is_new(self) -> bool:
        """Has been here once, and has not used a card yet."""
        return self.number == 1

    @property
    def programs(self) -> list[str]:
        """Most have a coffee card, two of three collect points, everybody has one of them."""
        n = self.number
        return ["coffee"] * (n % 8 != 0) + ["aurora"] * (n % 3 != 2 or n % 8 == 0)

    @property
    def details(self) -> Details:
        n = self.number
        address = f"{self.first_name}.{self.last_name}".lower().replace("'", "")
        return Details(
            email=f"{address}@example.com",
            phone=f"+121255501{n:02}" if n % 4 else "",
            external_id=f"aurora-{n:03}",
            first_name=self.first_name,
            last_name=self.last_name,
            birthday=date(1958 + n * 11 % 47, 1 + n * 5 % 12, 1 + n * 7 % 28) if n % 3 else None,
            language=LANGUAGES[(n - 1) % len(LANGUAGES)],
            time_zone="America/New_York" if n % 9 else "America/Chicago",
            tags=TAGS.get(n, ()),
            consent={"email": n % 6 != 5},
        )


def people() -> Iterator[Person]:
    for number, name in enumerate(NAMES.replace("\n", " ").split(","), start=1):
        first_name, last_name = name.split()
        yield Person(number, first_name, last_name)
