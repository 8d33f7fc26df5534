"""Refusals of base maps."""

from server.problems.table import ASK, problem

MapNotFound = problem(404, "map.not-found", ("没有这个地图包", "No such pack of maps."), ASK)
