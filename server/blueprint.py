"""How every room declares its views: named, and described with the refusals that each can give."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import flask_smorest
from marshmallow import fields

from server.bodies import BoundedParser
from server.description import DescribedApi
from server.schema import Schema
from server.view_marks import View


class ProblemSchema(Schema):
    """A refusal, as RFC 9457 problem+json."""

    type = fields.String(required=True)
    code = fields.String(
        required=True, metadata={"description": "`noun.reason`, stable; see docs/problems.md"}
    )
    status = fields.Integer(required=True)
    title = fields.String(required=True)
    detail = fields.String()
    request_id = fields.String()


class Blueprint(flask_smorest.Blueprint):
    """Names each operation after its view and describes the refusals every view can give."""

    ARGUMENTS_PARSER = BoundedParser()

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        """Register a view with its operation id and its refusals."""
        if view_func is not None:
            view_func = self._describe(rule, view_func)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def alt_response(self, status: Any, *args: Any, **options: Any) -> Callable[[View], View]:
        """Describe a further answer of a view, and leave the view as it is: a call through every one would cost."""
        describe = super().alt_response(status, *args, **options)

        def described(view: View) -> View:
            vars(view)["_apidoc"] = vars(describe(view))["_apidoc"]
            return view

        return described

    def register_views_in_doc(self, api: DescribedApi, *args: Any, **more: Any) -> None:
        """Describe the views when somebody asks for it."""
        api.describe_later(partial(super().register_views_in_doc, api, *args, **more))

    def _describe(self, rule: str, view: Any) -> Any:
        statuses = [400, 413, 415, 422, 500, 503]
        is_public = getattr(view, "public", False)
        if not is_public:
            statuses += [401, 403]
        if "<" in rule:
            statuses.append(404)
        # Told in one go: a decorator for each would be one more call in every request, and copy all before it.
        refusals = {
            status: {
                "description": HTTPStatus(status).phrase,
                "content": {"application/problem+json": {"schema": ProblemSchema}},
            }
            for status in sorted(statuses)
        }
        openly: dict[str, list[str]] = {"security": []} if is_public else {}
        return self.doc(operationId=view.__name__, responses=refusals, **openly)(view)
