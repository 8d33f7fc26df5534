"""Every address refuses the unknown, unless it says that it is public."""

import pytest

PUBLIC = {
    "public_results.find_results", "public_results.show_public_result", "public_results.send_results_as_json",
    "public_results.send_results_as_csv",
    "public_plans.list_published_plans", "public_plans.show_published_plan", "public_plans.show_published_version",
    "public_plans.show_published_scheme", "public-draws.list_public_draws", "public-draws.show_public_draw",
    "public_documents.verify_document", "public_documents.verify_document_number",
    "accounts.sign_in", "accounts.set_password", "accounts.refresh_session", "accounts.tell_time",
    "api-docs.openapi_json", "api-docs.openapi_swagger_ui",
    "pages.welcome", "house.tell_health", "house.tell_readiness", "house.tell_metrics", "pages.send_docs_file",
    "web.lead_to_phone", "web.send_phone", "web.lead_to_console", "web.send_console",
    "public-lists.show_published_lists", "public-lists.show_published_list",
    "noticeboard.show_front", "noticeboard.show_home", "noticeboard.show_about", "noticeboard.send_feed",
    "noticeboard.send_sitemap", "noticeboard_root.send_robots", "noticeboard.send_asset", "noticeboard.show_nothing",
    "noticeboard.list_lists", "noticeboard.show_list", "noticeboard.list_plans", "noticeboard.show_plan",
    "noticeboard.show_plan_version", "noticeboard.list_schemes", "noticeboard.show_scheme", "noticeboard.list_draws",
    "noticeboard.show_draw", "noticeboard.list_results", "noticeboard.show_result", "noticeboard.show_object",
    "noticeboard.show_data", "noticeboard.send_list_table", "noticeboard.send_plan_table", "noticeboard.send_draw_table",
    "noticeboard.send_verifier", "noticeboard.check_paper",
}  # fmt: skip
VALUES = {
    "uuid": "6d7e0f8a-0000-4000-8000-000000000000",
    "default": "x",
    "string": "x",
    "number": "1",
    "path": "x",
    "any": "zh",
}


def addresses(app):
    for rule in app.url_map.iter_rules():
        path = rule.build(
            {
                name: VALUES[
                    type(converter).__name__.removesuffix("Converter").lower().replace("unicode", "string")
                ]
                for name, converter in rule._converters.items()
            }
        )[1]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def is_keyed(endpoint):
    """Asked with a key in the address, by phones that 401 would lead to a sign-in that does not exist."""
    return endpoint.startswith("openrosa.")


def test_every_address_that_is_asked_with_a_key_answers_403_to_what_is_none(app, cast):
    keyed = [(method, path) for endpoint, method, path in addresses(app) if is_keyed(endpoint)]
    for method, path in keyed:
        response = cast.stranger().call(method, path)
        assert (response.status_code, response.mimetype) == (403, "text/xml"), f"{method} {path}"
    assert len(keyed) > 5


def test_every_address_that_is_not_public_answers_401(app, cast):
    stranger = cast.stranger()
    seen = 0
    for endpoint, method, path in addresses(app):
        if endpoint in PUBLIC or is_keyed(endpoint):
            continue
        response = stranger.call(method, path)
        assert response.status_code == 401, f"{method} {path}: {response.status_code}"
        assert response.get_json()["code"] == "session.missing", path
        seen += 1
    assert seen > 30


def test_every_address_refuses_a_made_up_token(app, cast):
    stranger = cast.stranger()
    stranger.token = "made-up"
    for endpoint, method, path in addresses(app):
        if endpoint not in PUBLIC and not is_keyed(endpoint):
            assert stranger.call(method, path).status_code == 401, f"{method} {path}"


def test_what_is_public_is_meant_to_be(app):
    marked = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "public", False)}
    assert marked == PUBLIC


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api/v1/session/none"])
def test_an_unknown_address_is_a_problem_document(cast, path):
    answer = cast.stranger().get(path, expect=404)
    assert answer["code"] == "url.not-found"


def test_a_wrong_method_names_the_right_ones(cast):
    response = cast.stranger().call("PATCH", "/api/v1/time")
    assert response.status_code == 405
    assert response.get_json()["code"] == "url.method-not-allowed"
    assert "GET" in response.headers["Allow"]
