"""A draft from an API description: OpenAPI 3 or Swagger 2. Pure: nothing is requested."""

from homeroom.draft.described.drafting import draft_description
from homeroom.draft.described.reading import read_description

__all__ = ["draft_description", "read_description"]
