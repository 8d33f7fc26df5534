"""The rules of a form version, compiled once: what is computed in which order, and what is judged after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from forms.checking.ordering import Step, Unit, in_order
from forms.checking.shaping import shape_form
from forms.structure import Form, Group, Question, Rule, preferred
from forms.xform import secondary_list
from forms.xpath import (
    VOLATILE,
    Code,
    Environment,
    EvaluationError,
    ExpressionError,
    Scope,
    Shape,
    as_boolean,
    as_nodes,
    as_number,
    as_text,
    compile_expression,
    parse,
)
from forms.xpath.syntax import Call, Expression, Literal, Path, walk

Run = Callable[[Scope], Any]

FAILURES = (EvaluationError, ArithmeticError, ValueError)
"""What evaluating a rule may end in: its own refusal, or numbers beyond all bounds."""

LANGUAGE_DEPENDENT = frozenset({"jr:choice-name", "jr:itext"})


@dataclass(frozen=True, slots=True)
class Fault:
    """An expression of the form that cannot be compiled; `attribute` is relevant, calculate, constraint, ..."""

    shape: Shape
    attribute: str
    expression: str
    error: ExpressionError


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is judged at a question once all is settled: a rule to run, or what always holds."""

    required: Run | bool
    constraint: Run | bool
    outputs: tuple[tuple[str, Run], ...]


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything a form version demands of an instance.

    `ordered` settles in one pass; `tangled` depend on each other and are repeated until nothing changes.
    """

    form: Form
    document: Shape
    ordered: tuple[Unit, ...]
    tangled: tuple[Unit, ...]
    judgements: dict[Shape, Judgement]
    counts: dict[Shape, Run]
    never: tuple[Shape, ...]
    faults: tuple[Fault, ...] = field(default=())


@lru_cache(maxsize=128)
def rules_of(form: Form) -> Rules:
    """Compile the rules of a form, once as long as the form is in use."""
    return _Compilation(form).run()


class _Compilation:
    def __init__(self, form: Form) -> None:
        self._form = form
        self._document = shape_form(form)
        self._faults: list[Fault] = []

    def run(self) -> Rules:
        units = list(self._units())
        ordered, tangled = in_order(units)
        return Rules(
            form=self._form,
            document=self._document,
            ordered=tuple(ordered),
            tangled=tuple(tangled),
            judgements=dict(self._judgements()),
            counts=dict(self._counts()),
            never=tuple(
                shape
                for shape in self._document.walk()
                if shape.node is not None and shape.node.relevant.constant is False
            ),
            faults=tuple(self._faults),
        )

    def _units(self) -> Iterator[Unit]:
        for shape in self._document.walk():
            node = shape.node
            if isinstance(node, Question | Group) and node.relevant.constant is None:
                yield from self._unit(Step.RELEVANT, shape, node.relevant.expression)
            if isinstance(node, Question):
                if node.calculate:
                    yield from self._unit(Step.CALCULATE, shape, node.calculate)
                if node.itemset:
                    yield from self._unit(Step.OFFER, shape, node.itemset)
        for name, expression in self._form.meta_calculates.items():
            found = self._document.find(f"{self._form.root.path}/meta/{name}")
            if found is not None:
                yield from self._unit(Step.CALCULATE, found, expression)

    def _unit(self, step: Step, shape: Shape, expression: str) -> Iterator[Unit]:
        run = self._compile(shape, step.name.lower(), expression, _WANTED[step])
        if run is None:
            return
        names = {part.name for part in walk(parse(expression)) if isinstance(part, Call)}
        yield Unit(
            step,
            shape,
            run,
            expression,
            volatile=bool(names & VOLATILE),
            wordy=bool(names & LANGUAGE_DEPENDENT),
            whole_list=_whole_list(parse(expression)) if step is Step.OFFER else None,
        )

    def _judgements(self) -> Iterator[tuple[Shape, Judgement]]:
        for shape in self._document.walk():
            question = shape.node
            if not isinstance(question, Question):
                continue
            required = self._required(shape, question.required)
            constraint = (
                self._compile(shape, "constraint", question.constraint, as_boolean)
                if question.constraint
                else True
            )
            outputs = [
                (placeholder, run)
                for placeholder, expression in question.outputs.items()
                if (run := self._compile(shape, "message", expression, as_text)) is not None
            ]
            if required is not False or constraint is not True:
                yield shape, Judgement(required, True if constraint is None else constraint, tuple(outputs))

    def _required(self, shape: Shape, rule: Rule) -> Run | bool:
        if rule.constant is not None:
            return rule.constant
        return self._compile(shape, "required", rule.expression, as_boolean) or False

    def _counts(self) -> Iterator[tuple[Shape, Run]]:
        for shape in self._document.walk():
            if isinstance(shape.node, Group) and shape.node.count and shape.parent is not None:
                run = self._compile(shape.parent, "count", shape.node.count, as_number)
                if run is not None:
                    yield shape, run

    def _compile(
        self, shape: Shape, attribute: str, expression: str, wanted: Callable[[Code], Run]
    ) -> Run | None:
        try:
            return wanted(compile_expression(expression, shape, choice_label))
        except ExpressionError as error:
            self._faults.append(Fault(shape, attribute, expression, error))
            return None


def choice_label(shape: Shape, name: str, environment: Environment) -> str | None:
    """Return the label of a choice of a question, in the language and with the lists of the environment."""
    question = shape.node
    if not isinstance(question, Question):
        return None
    if question.choices is None:
        source = secondary_list(question.itemset or "")
        return environment.table(source).value("label", "name", name) if source else None
    choice = question.choice(name)
    return preferred(choice.labels, environment.language, name) if choice is not None else None


_WANTED: dict[Step, Callable[[Code], Run]] = {
    Step.RELEVANT: as_boolean,
    Step.CALCULATE: as_text,
    Step.OFFER: as_nodes,
}


def _whole_list(expression: Expression) -> str | None:
    """Return the list that `instance('x')/root/item` offers whole; None where something is filtered."""
    if not isinstance(expression, Path) or not isinstance(expression.start, Call):
        return None
    call, steps = expression.start, expression.steps
    plain = [step.test for step in steps] == ["root", "item"] and not any(step.predicates for step in steps)
    name = call.arguments[0] if call.name == "instance" and len(call.arguments) == 1 else None
    return name.text if plain and isinstance(name, Literal) else None
