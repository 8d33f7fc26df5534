"""XPath 1.0 with the functions of ODK XForms, evaluated as the phone's engine evaluates it.

Contract: an expression is parsed and compiled once for its place in a form (`compile_expression`), then run
for any number of instances. What it costs is bounded by a budget of steps. Not its business: what a form
does with the result, and where the instance comes from. Differences to XPath 1.0 that the phone makes are
made here, too: a blank is no number, NaN is written as nothing, dates count as days.
"""

from forms.xpath import number_functions, place_functions, text_functions, time_functions
from forms.xpath.code import Code, as_boolean, as_nodes, as_number, as_text
from forms.xpath.compiling import compile_expression
from forms.xpath.library import FUNCTIONS, VOLATILE
from forms.xpath.nodes import ListTable, Node
from forms.xpath.parser import parse
from forms.xpath.scope import (
    BudgetSpentError,
    Environment,
    EvaluationError,
    ListMissingError,
    Scope,
)
from forms.xpath.shapes import Shape
from forms.xpath.syntax import ExpressionError

__all__ = [
    "FUNCTIONS",
    "VOLATILE",
    "BudgetSpentError",
    "Code",
    "Environment",
    "EvaluationError",
    "ExpressionError",
    "ListMissingError",
    "ListTable",
    "Node",
    "Scope",
    "Shape",
    "as_boolean",
    "as_nodes",
    "as_number",
    "as_text",
    "compile_expression",
    "number_functions",
    "parse",
    "place_functions",
    "text_functions",
    "time_functions",
]
