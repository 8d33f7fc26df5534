"""Refusals of the roots of the audit log."""

from server.problems.table import ASK, problem

RootNotFound = problem(404, "root.not-found", ("没有这个树根", "No such root."), ASK)
