"""Form rules, pure: from an XLSForm to an XForm, from instance XML to typed and checked answers.

Contract: bytes and values in, frozen values out; no clock, no network, no database. What strangers send is
bounded in size, depth and count, and never raises anything but `UnreadableInstance`; what authors write is
refused with the sheet and row (`AuthoringError`). Paths are XPath-like with 1-based indexes of repeats:
`/data/markers[2]/photo`. Messages are Chinese with an English twin.

Not its business: evaluating expressions on a phone, storing forms or files, deciding what a finding means for
a record. Geodesy is in `forms.geodesy`, the forms that ship in `forms.catalog`.
"""

from forms.answers.differences import AnswerDifference, AnswerDifferences, diff_answers
from forms.answers.rows import answer_rows
from forms.answers.tree import Answer, AnswerGroup, Answers, ExpectedMedia
from forms.authoring.xlsform import AuthoringError, AuthoringFinding, CompiledForm, compile_xlsform
from forms.changes.comparing import FormChange, FormChanges, compare_forms
from forms.changes.draft_changes import DraftChange, DraftChangeKind
from forms.changes.migrating import MigratedInstance, MigrationError, migrate_instance
from forms.changes.wording import ChangeKind
from forms.checking.completing import complete_instance
from forms.checking.examining import Examined, examine
from forms.composing import ComposingError, amend_instance, compose_instance
from forms.findings import Finding, FindingKind
from forms.fitting import read_answers
from forms.instance import Instance, UnreadableInstance, parse_instance
from forms.merging.places import Beside, Filled, Matching, Place, PlaceKind, lay_apart, lay_beside
from forms.merging.writing import MergedInstance, lost_answers, write_merged
from forms.safe_xml import UnreadableXmlError
from forms.structure import Choice, Form, Group, Question, QuestionKind, Rule
from forms.values import Geopoint, Value
from forms.xform import UnreadableForm, load_form
from forms.xpath import ListTable

__all__ = [
    "Answer",
    "AnswerDifference",
    "AnswerDifferences",
    "AnswerGroup",
    "Answers",
    "AuthoringError",
    "AuthoringFinding",
    "Beside",
    "ChangeKind",
    "Choice",
    "CompiledForm",
    "ComposingError",
    "DraftChange",
    "DraftChangeKind",
    "Examined",
    "ExpectedMedia",
    "Filled",
    "Finding",
    "FindingKind",
    "Form",
    "FormChange",
    "FormChanges",
    "Geopoint",
    "Group",
    "Instance",
    "ListTable",
    "Matching",
    "MergedInstance",
    "MigratedInstance",
    "MigrationError",
    "Place",
    "PlaceKind",
    "Question",
    "QuestionKind",
    "Rule",
    "UnreadableForm",
    "UnreadableInstance",
    "UnreadableXmlError",
    "Value",
    "amend_instance",
    "answer_rows",
    "compare_forms",
    "compile_xlsform",
    "complete_instance",
    "compose_instance",
    "diff_answers",
    "examine",
    "lay_apart",
    "lay_beside",
    "load_form",
    "lost_answers",
    "migrate_instance",
    "parse_instance",
    "read_answers",
    "write_merged",
]
