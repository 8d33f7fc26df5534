"""Verbs of reports, one file for each; other rooms call them from here."""

from server.reports.assessment import assessment
from server.reports.coverage import coverage
from server.reports.rates import rates
from server.reports.snapshots import digest, find_snapshot, freeze, snapshots_within
from server.reports.statistics import statistics
from server.reports.warnings import warnings

__all__ = [
    "assessment",
    "coverage",
    "digest",
    "find_snapshot",
    "freeze",
    "rates",
    "snapshots_within",
    "statistics",
    "warnings",
]
