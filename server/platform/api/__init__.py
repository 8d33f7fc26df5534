"""Platforms over HTTP: drawn tasks come in, deliveries are watched and reconciled."""

from server.platform.api import deliveries, reconciliations
from server.platform.api.blueprint import blp

__all__ = ["blp", "deliveries", "reconciliations"]
