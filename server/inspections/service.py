"""The verbs of inspections, one file for each noun; other rooms call them from here."""

from server.inspections.accepting import Accepted, accept_revision
from server.inspections.admitting import (
    Looked,
    admit,
    hold_open,
    item_of,
    judge_again,
    look,
    require_others_work,
)
from server.inspections.assigning import (
    follow_visit,
    reassign,
    withdraw_drawn,
    withdraw_task,
    withdraw_unbegun,
)
from server.inspections.attesting import accept_attestation
from server.inspections.counters import gaps_of_device, places_of, reuses_of, twins_of
from server.inspections.counting import arranged_visits
from server.inspections.departments import (
    divide,
    divide_drawn,
    section_of_author,
    section_of_department,
    section_of_item,
    sections_of,
    sections_of_author,
)
from server.inspections.desk import Desk
from server.inspections.desks import have_crossed, open_desk, open_desks
from server.inspections.extending import extend_task
from server.inspections.form_usage import asks_for, usage_of_form
from server.inspections.gate.arriving import gate_of_record, judge_arrival
from server.inspections.gate.entering import (
    allow,
    answer_recusal,
    enter_commission,
    enter_conduct,
    note_papers,
)
from server.inspections.gate.telling import gate_of_draw, gate_of_task
from server.inspections.holding import hold_item, settle_case
from server.inspections.judging import BASE_STALE, BASE_UNKNOWN
from server.inspections.opening import PlannedVisit, open_further_visit, open_tasks, open_visits
from server.inspections.prefill import prefill_tasks
from server.inspections.proposing import Choices, draft_merge, show_merge
from server.inspections.relaying import authors_of, is_foreign, runs_of
from server.inspections.renewing import (
    renew_tasks,
    renew_tasks_of,
    renew_tasks_of_organisation,
    renew_tasks_of_plan,
)
from server.inspections.resolutions import resolutions_of
from server.inspections.reviewing import (
    answers_of,
    ask_for_merge,
    blocks_of,
    finish,
    record_for_review,
    return_for_correction,
    revisions_of,
    sought_records,
    visible_record,
    visible_records,
)
from server.inspections.seeking import order_of, sought_tasks
from server.inspections.settling import settle_desk
from server.inspections.standing import counts
from server.inspections.tasks import (
    assignments_of,
    locked_task,
    open_tasks_of,
    open_tasks_of_organisation,
    tasks_of,
    visible_task,
    visible_tasks,
)
from server.inspections.views import desk_view, prefill_blob, record_view, task_view, visit_views

__all__ = [
    "BASE_STALE",
    "BASE_UNKNOWN",
    "Accepted",
    "Choices",
    "Desk",
    "Looked",
    "PlannedVisit",
    "accept_attestation",
    "accept_revision",
    "admit",
    "allow",
    "answer_recusal",
    "answers_of",
    "arranged_visits",
    "ask_for_merge",
    "asks_for",
    "assignments_of",
    "authors_of",
    "blocks_of",
    "counts",
    "desk_view",
    "divide",
    "divide_drawn",
    "draft_merge",
    "enter_commission",
    "enter_conduct",
    "extend_task",
    "finish",
    "follow_visit",
    "gaps_of_device",
    "gate_of_draw",
    "gate_of_record",
    "gate_of_task",
    "have_crossed",
    "hold_item",
    "hold_open",
    "is_foreign",
    "item_of",
    "judge_again",
    "judge_arrival",
    "locked_task",
    "look",
    "note_papers",
    "open_desk",
    "open_desks",
    "open_further_visit",
    "open_tasks",
    "open_tasks_of",
    "open_tasks_of_organisation",
    "open_visits",
    "order_of",
    "places_of",
    "prefill_blob",
    "prefill_tasks",
    "reassign",
    "record_for_review",
    "record_view",
    "renew_tasks",
    "renew_tasks_of",
    "renew_tasks_of_organisation",
    "renew_tasks_of_plan",
    "require_others_work",
    "resolutions_of",
    "return_for_correction",
    "reuses_of",
    "revisions_of",
    "runs_of",
    "section_of_author",
    "section_of_department",
    "section_of_item",
    "sections_of",
    "sections_of_author",
    "settle_case",
    "settle_desk",
    "show_merge",
    "sought_records",
    "sought_tasks",
    "task_view",
    "tasks_of",
    "twins_of",
    "usage_of_form",
    "visible_record",
    "visible_records",
    "visible_task",
    "visible_tasks",
    "visit_views",
    "withdraw_drawn",
    "withdraw_task",
    "withdraw_unbegun",
]
