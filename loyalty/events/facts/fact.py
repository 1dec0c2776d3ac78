"""What a fact is, and all that there are."""

from dataclasses import dataclass
from typing import Any, ClassVar

FACTS: dict[str, type["Fact"]] = {}


@dataclass(frozen=True)
class Fact:
    """Something that has happened. Leaves have a name of their own; those that tell of a person's
    traits rather than of a card or an order say so, and lose their data when the person is
    forgotten. `names_order` is the field, if there is one, that holds the key of an order."""

    name: ClassVar[str] = ""
    is_personal: ClassVar[bool] = False
    names_order: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in vars(cls):
            if cls.name in FACTS:
                raise TypeError(
                    f"{cls.__name__} and {FACTS[cls.name].__name__} are both {cls.name}."
                )
            FACTS[cls.name] = cls

    def payload(self) -> dict[str, Any]:
        return dict(vars(self))
