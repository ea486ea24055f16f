"""Fixtures of several files here."""

from tests.server.pools import spec

__all__ = ["spec"]
