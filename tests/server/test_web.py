"""Phone and console as files: what is sent, and that nothing beside them is."""

import pytest


@pytest.mark.parametrize(
    "name", ["..%2f..%2f..%2fREADME.md", "%2e%2e/%2e%2e/index.html", "..%2fpackage.json"]
)
@pytest.mark.parametrize("application", ["phone", "console"])
def test_a_file_beside_an_application_looks_like_one_that_never_was(cast, application, name):
    stranger = cast.stranger()

    beside, nothing = (stranger.call("GET", f"/{application}/{each}") for each in (name, "no-such-page"))

    assert (beside.status_code, beside.data) == (nothing.status_code, nothing.data)
    assert beside.status_code == 200


@pytest.mark.parametrize("application", ["phone", "console"])
def test_an_asset_that_never_was_is_not_found_and_the_page_itself_is_asked_for_anew(cast, application):
    stranger = cast.stranger()

    assert stranger.call("GET", f"/{application}/assets/never-was.js").status_code == 404
    page = stranger.call("GET", f"/{application}/")
    assert page.headers["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_a_form_that_is_tried_out_stands_in_a_frame_of_the_console_and_no_other_page_does(cast):
    policies = {
        address: cast.stranger().call("GET", address).headers["Content-Security-Policy"]
        for address in ("/console/try.html", "/phone/try.html", "/console/forms")
    }

    assert [name for name, policy in policies.items() if "frame-ancestors 'self'" in policy] == [
        "/console/try.html"
    ]
