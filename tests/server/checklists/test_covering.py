"""A visit fills as few forms as conclude on all its items."""

import pytest

from forms.catalog import catalog
from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from server.registry.service import enter_standard_items


@pytest.fixture
def published(app, session):
    with audit.transaction(app.sessions) as session:
        enter_standard_items(session, SYSTEM)
        for each in catalog():
            if each.form_id in ("mine_overstep", "boundary_marker", "joint_visit", "survey_quality"):
                checklists.publish(session, SYSTEM, each.source, ".md")
    return app


@pytest.mark.parametrize(
    ("codes", "forms"),
    [
        (["MINE_OVERSTEP"], ["mine_overstep"]),
        (["BOUNDARY_MARKER"], ["boundary_marker"]),
        (["BOUNDARY_MARKER", "MINE_OVERSTEP"], ["mine_overstep"]),
        (["MINE_OVERSTEP", "BOUNDARY_MARKER", "ENERGY_ANNOUNCEMENT", "EMERGENCY_SAFETY"], ["joint_visit"]),
        (["QUALITY_ORG", "INSTRUMENTS"], ["survey_quality"]),
        (["QUALITY_ORG", "BOUNDARY_MARKER"], ["survey_quality", "boundary_marker"]),
        (["MAP_PROBLEM"], ["map_review"]),
        (["NOBODY_KNOWS"], []),
        ([], []),
    ],
)
def test_items_are_inspected_with_as_few_forms_as_cover_them(published, codes, forms):
    with audit.transaction(published.sessions) as session:
        assert checklists.forms_for(session, codes) == forms
