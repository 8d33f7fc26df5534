"""Answers every refusal and every failure as a problem document, in one place."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from server import problems
from server.admission import SOON, again_within
from server.logs import request_id
from server.problems import Problem

log = logging.getLogger("merestone.http")


def answer_refusals(app: Flask) -> None:
    """Let an application answer refusals, broken constraints, a busy database and failures."""
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(IntegrityError, _answer_integrity)
    app.register_error_handler(OperationalError, _answer_busy)
    app.register_error_handler(PoolTimeoutError, _answer_busy)
    app.register_error_handler(Exception, _answer_failure)


def answer(problem: Problem) -> Response:
    """Write a refusal as the response."""
    english = request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh") == "en"
    response = jsonify(problem.as_json(english, request_id.get()))
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    response.headers.update(problem.headers)
    return response


def _answer_problem(problem: Problem) -> Response:
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", extra={"code": problem.code, "detail": problem.detail_en})
    return answer(problem)


_BY_STATUS: dict[int, type[Problem]] = {
    400: problems.RequestUnreadable,
    404: problems.UrlNotFound,
    405: problems.MethodNotAllowed,
    413: problems.RequestTooLarge,
    415: problems.MediaTypeWrong,
    422: problems.RequestInvalid,
}


def _answer_http(error: HTTPException) -> Any:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return error
    kind = _BY_STATUS.get(code)
    if kind is None:
        return _answer_failure(error)
    messages = getattr(error, "data", {}).get("messages")
    problem = kind(**({"errors": messages} if messages else {}))
    if isinstance(problem, problems.RequestTooLarge) and request.max_content_length:
        problem.members["limit"] = request.max_content_length
    problem.headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return answer(problem)


def _answer_integrity(error: IntegrityError) -> Response:
    log.warning("constraint broken", extra={"constraint": str(error.orig)[:300]})
    return answer(problems.ConstraintBroken())


def _answer_busy(error: OperationalError | PoolTimeoutError) -> Response:
    reason = str(error.orig if isinstance(error, OperationalError) else error)
    log.warning("database busy", extra={"reason": reason[:300]})
    return answer(problems.Busy().with_headers(Retry_After=again_within(SOON)))


def _answer_failure(error: Exception) -> Response:
    log.error("failed", exc_info=error)
    return answer(Problem())
