"""Rules for columns that tell of a person: which there are, what becomes of a value, and the key.

Both lanes of `shape` go by one `Book` for each resource, and by one `Hider`, so that a value becomes the same text
whichever way it went.
"""

from homeroom.privacy.book import Book, Node
from homeroom.privacy.hiding import Hider
from homeroom.privacy.profiles import Guess, class_rules, guess_of
from homeroom.privacy.rows import Hidden, clear_of, hide_rows
from homeroom.privacy_values import RULES, Privacy, PrivacySettings, Rule

__all__ = [
    "RULES",
    "Book",
    "Guess",
    "Hidden",
    "Hider",
    "Node",
    "Privacy",
    "PrivacySettings",
    "Rule",
    "class_rules",
    "clear_of",
    "guess_of",
    "hide_rows",
]
