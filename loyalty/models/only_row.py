from typing import Self

from django.db import models


class OnlyRow(models.Model):
    """For tables of one row, with primary key 1; a constraint of each sees to that."""

    class Meta:
        abstract = True

    @classmethod
    def get(cls) -> Self:
        """The row, or its defaults while nobody has saved one."""
        return cls._default_manager.filter(pk=1).first() or cls(pk=1)
