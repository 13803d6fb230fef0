"""The whole of reading: a `rest_api` config becomes a `DltSource` that reads through our own stages."""

from homeroom.source.rest_api import RestApiSource, make_source, rest_api_resources, rest_api_source

__all__ = ["RestApiSource", "make_source", "rest_api_resources", "rest_api_source"]
