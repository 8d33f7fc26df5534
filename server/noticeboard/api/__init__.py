"""The public site over HTTP: one module for each part of it."""

from server.noticeboard.api import data, documents, draws, front, lists, plans, results
from server.noticeboard.api.blueprint import pages, root

__all__ = ["data", "documents", "draws", "front", "lists", "pages", "plans", "results", "root"]
