"""The forms that ship, as Markdown XLSForm: what an inspector is asked, in Chinese with English beside it.

A form begins with `include opening`, ends with the group `conclusions` and `include closing`, and may rely on:

**Lists** that every phone holds, all text. `tasks.csv` has a row for each of the inspector's own tasks; its
column `name` is what `/data/task/task_ref` holds, its other columns are looked up with
`pulldata('tasks', 'licence_no', 'name', ${task_ref})`. `markers.csv` has a row for each registered boundary
marker of those tasks, named `<task>/<marker_no>`.

**Calculated questions** of `opening`: task_no, task_name, plan_no, task_source, items (codes between blanks),
approval_no, notice_no, org, year_count, obj_kind (enterprise, product, project, act), obj_name, uscc, obj_addr,
legal_rep, legal_rep_tel, review_note, last_visit_on, last_result, last_problem; and for both inspectors
inspector1_name, inspector1_certificate, inspector1_valid_to, inspector1_unit. What a licence or a certificate
adds, a form looks up itself (`mining_licence` does for mines).

**Blocks** in `blocks/`: `opening` and `closing` for every form; `calibration` for surveying instruments;
`mining_licence`, `mine`, `workings`, `survey_report`, `markers` with `overstep_item` and `marker_item` for
mines. A block's first lines say which others it needs. The lists of choices of a block serve the whole form.

**Paths** that the rest of the system reads: `/data/task/...`, `/data/visit/...`, `/data/statement/end_at`; the
conclusions in `/data/conclusions/<ITEM_CODE>` as `answer`, `problem`, `basis`, `evidence` (or `evidence_ref`),
`disposal`, `rectify_deadline` and `not_checked_reason`; the signatures in `/data/sign`; the repeats
`/data/points`, `/data/markers` and `/data/instruments`. They never change their names or meaning.
"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CatalogForm", "block_source", "catalog"]

_BLOCKS = Path(__file__).parent / "blocks"


@dataclass(frozen=True, slots=True)
class CatalogForm:
    """One form that ships: its id, where it stands, and its Markdown source."""

    form_id: str
    path: Path
    source: bytes


def catalog() -> list[CatalogForm]:
    """Return the forms that ship, ordered by id; a file is named after its form. Blocks are no forms."""
    return [
        CatalogForm(form_id=path.stem, path=path, source=path.read_bytes())
        for path in sorted(Path(__file__).parent.glob("*.md"))
    ]


def block_source(name: str) -> bytes | None:
    """Return the Markdown source of a block; names such as `rows/check_item` are patterns of rows."""
    path = _BLOCKS / f"{name}.md"
    return path.read_bytes() if path.is_file() else None
