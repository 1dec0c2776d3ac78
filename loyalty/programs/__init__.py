"""One file for each card type: its settings, its units, and what each operation does to them."""

from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram

__all__ = ["RewardProgram", "StampProgram"]
