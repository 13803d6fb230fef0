"""The neutral model: one set of tables over all platforms, declared once and mapped from each.

Pure: texts of SQL are made here, and run by whoever has the database.
"""

from homeroom.model.checks import Check, Query, queries_of, rows_there
from homeroom.model.declaration import DATASET, Column, Entity, Model, neutral_model
from homeroom.model.mapping import EntityMapping, mapped_platforms, mappings_of
from homeroom.model.questions import Question, ready_questions
from homeroom.model.rendering import Held, Place, select_of, translated, united

__all__ = [
    "DATASET",
    "Check",
    "Column",
    "Entity",
    "EntityMapping",
    "Held",
    "Model",
    "Place",
    "Query",
    "Question",
    "mapped_platforms",
    "mappings_of",
    "neutral_model",
    "queries_of",
    "ready_questions",
    "rows_there",
    "select_of",
    "translated",
    "united",
]
