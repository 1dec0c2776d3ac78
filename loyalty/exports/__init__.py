"""What leaves the house as files: customers, cards, balances and operations; knows no screens."""

from loyalty.exports.tables import TABLES
from loyalty.exports.writing import TooMany, as_csv, as_sheet

__all__ = ["TABLES", "TooMany", "as_csv", "as_sheet"]
