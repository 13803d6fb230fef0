"""Keeps a database in step with any education platform's REST API."""
