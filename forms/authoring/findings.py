"""What an author must correct in a form definition, and the refusal that carries it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
"""An error keeps a form from being published, a warning does not."""


@dataclass(frozen=True, slots=True)
class AuthoringFinding:
    """What an author must correct: where, and what to do, as "中文 / English".

    `sheet` and `row` stand in the author's own file, the row as a spreadsheet counts it (the header is row 1);
    None: the whole sheet. Rows that a block or a row of ours brought in are told at the row that asked for
    them. `column` is the column's header, `code` names the kind of the mistake for programs.
    """

    sheet: str
    row: int | None
    message: str
    column: str | None = None
    code: str = ""
    severity: Severity = "error"


class AuthoringError(ValueError):
    """A form definition that cannot be compiled; `findings` tell where and why."""

    def __init__(self, findings: list[AuthoringFinding]) -> None:
        super().__init__("; ".join(f"{f.sheet}:{f.row or '-'} {f.message}" for f in findings))
        self.findings = findings
