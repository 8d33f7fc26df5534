"""Answers every refusal and every failure as a problem document, in one place."""

import logging
import re
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from server import problems
from server.admission import SOON, again_within
from server.logs import request_id
from server.problems import Problem
from server.together import CrossedError

log = logging.getLogger("merestone.http")


REFUSALS = (Problem, HTTPException, IntegrityError, OperationalError, PoolTimeoutError, Exception)
"""Everything that may end a request before its answer; each is told as a problem."""


def answer_refusals(app: Flask) -> None:
    """Let an application answer refusals, broken constraints, a busy database and failures."""
    for kind in REFUSALS:
        app.register_error_handler(kind, _answer_any)


def _answer_any(error: Exception) -> Any:
    problem = problem_of(error)
    return error if problem is None else answer(problem)


def problem_of(error: Exception) -> Problem | None:
    """Say of whatever ended a request which problem it is, and note it in the log; None for what is none, a redirection."""
    if isinstance(error, Problem):
        return _noted(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, IntegrityError):
        log.warning("constraint broken", extra={"constraint": str(error.orig)[:300]})
        return _of_constraint(str(error.orig))
    # PostgreSQL ends a session that stood still for too long (25P03), which psycopg does not call operational: nothing
    # of it was committed, and it may be asked again.
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_cut or isinstance(error, OperationalError | PoolTimeoutError | CrossedError):
        reason = str(error.orig if isinstance(error, DBAPIError) else error)
        log.warning("database busy", extra={"reason": reason[:300] or "crossed"})
        return problems.Busy().with_headers(Retry_After=again_within(SOON))
    return _failure(error)


def answer(problem: Problem) -> Response:
    """Write a refusal as the response."""
    english = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh") == "en"
    response = jsonify(problem.as_json(english, request_id.get()))
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    response.headers.update(problem.headers)
    return response


def _noted(problem: Problem) -> Problem:
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", extra={"code": problem.code, "detail": problem.detail_en})
    return problem


# As SQLite says it, and as PostgreSQL does.
_TAKEN_TWICE = re.compile(
    r'UNIQUE constraint failed: (?P<table>\w+)\.|unique constraint "(?P<constraint>\w+)"'
)
_TAKEN: dict[str, type[Problem]] = {
    "person": problems.PersonUsernameTaken,
    "organisation": problems.OrganisationNameTaken,
    "region": problems.RegionKnown,
    "inspection_item": problems.ItemNameTaken,
    "inspected_object": problems.ObjectDuplicate,
    "library_month": problems.MonthConfirmed,
}
"""What is told of whoever enters something in the same moment as another, as of whoever comes later."""

_BY_STATUS: dict[int, type[Problem]] = {
    400: problems.RequestUnreadable,
    404: problems.UrlNotFound,
    405: problems.MethodNotAllowed,
    413: problems.RequestTooLarge,
    415: problems.MediaTypeWrong,
    422: problems.RequestInvalid,
}


def _of_constraint(told: str) -> Problem:
    """Say which rule was broken. What has to be the only one of its name was looked up before: somebody was quicker."""
    found = _TAKEN_TWICE.search(told)
    if found is None:
        return problems.ConstraintBroken()
    table = found["table"] or found["constraint"]
    for name, taken in _TAKEN.items():
        if table == name or table.startswith((f"uq_{name}_", f"pk_{name}")):
            return taken()
    return problems.EnteredMeanwhile()


def _of_http(error: HTTPException) -> Problem | None:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return None
    kind = _BY_STATUS.get(code)
    if kind is None:
        return _failure(error)
    messages = getattr(error, "data", {}).get("messages")
    problem = kind(**({"errors": messages} if messages else {}))
    if isinstance(problem, problems.RequestTooLarge) and request.max_content_length:
        problem.members["limit"] = request.max_content_length
    problem.headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return problem


def _failure(error: Exception) -> Problem:
    log.error("failed", exc_info=error)
    return Problem()
