"""From a URL and a key, or from an API's description, to a config whose every line says what it rests on."""

from homeroom.draft.values import Confidence, Draft, Guess, unsure
from homeroom.draft.whole import draft
from homeroom.draft.writing import written

__all__ = ["Confidence", "Draft", "Guess", "draft", "unsure", "written"]
