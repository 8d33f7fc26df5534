"""Form rules, pure: from an XLSForm to an XForm, from instance XML to typed and checked answers.

Contract: bytes and values in, frozen values out; no clock, no network, no database. What strangers send is
bounded in size, depth and count, and never raises anything but `UnreadableInstance`; what authors write is
refused with the sheet and row (`AuthoringError`). Paths are XPath-like with 1-based indexes of repeats:
`/data/markers[2]/photo`. Messages are Chinese with an English twin.

Not its business: evaluating expressions on a phone, storing forms or files, deciding what a finding means for
a record. Geodesy is in `forms.geodesy`, the forms that ship in `forms.catalog`.
"""

from forms.answers import Answer, AnswerGroup, Answers, ExpectedMedia
from forms.checking import check, examine
from forms.composing import ComposingError, amend_instance, compose_instance
from forms.findings import Finding, FindingKind
from forms.fitting import read_answers
from forms.instance import Instance, UnreadableInstance, parse_instance
from forms.safe_xml import UnreadableXmlError
from forms.structure import Choice, Form, Group, Question, QuestionKind, Rule
from forms.values import Geopoint, Value
from forms.xform import UnreadableForm, load_form
from forms.xlsform import AuthoringError, AuthoringFinding, CompiledForm, compile_xlsform

__all__ = [
    "Answer",
    "AnswerGroup",
    "Answers",
    "AuthoringError",
    "AuthoringFinding",
    "Choice",
    "CompiledForm",
    "ComposingError",
    "ExpectedMedia",
    "Finding",
    "FindingKind",
    "Form",
    "Geopoint",
    "Group",
    "Instance",
    "Question",
    "QuestionKind",
    "Rule",
    "UnreadableForm",
    "UnreadableInstance",
    "UnreadableXmlError",
    "Value",
    "amend_instance",
    "check",
    "compile_xlsform",
    "compose_instance",
    "examine",
    "load_form",
    "parse_instance",
    "read_answers",
]
