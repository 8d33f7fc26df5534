"""Tables of tasks and of the records brought back from them."""

from server.inspections.models.records import (
    Attestation,
    CaseState,
    EvidenceLevel,
    OperationReuse,
    QuarantineCase,
    Record,
    Revision,
    RevisionStatus,
)
from server.inspections.models.tasks import (
    CLOSED,
    Assignment,
    Commission,
    GateOverride,
    RecusalAnswer,
    Task,
    TaskSection,
    TaskState,
    TaskTerm,
)

__all__ = [
    "CLOSED",
    "Assignment",
    "Attestation",
    "CaseState",
    "Commission",
    "EvidenceLevel",
    "GateOverride",
    "OperationReuse",
    "QuarantineCase",
    "Record",
    "RecusalAnswer",
    "Revision",
    "RevisionStatus",
    "Task",
    "TaskSection",
    "TaskState",
    "TaskTerm",
]
