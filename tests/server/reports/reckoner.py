"""A second reader of our formulas: it reckons a workbook's cells from its other cells, as a spreadsheet does.

It knows the functions that ledgers use and no others, and nothing of how ledgers are made.
"""

import operator
from datetime import date, datetime, timedelta

from openpyxl.formula import Tokenizer
from openpyxl.utils import get_column_letter, range_boundaries

BEGINNING = date(1899, 12, 30)


class Value:
    """One cell's value, compared and combined as spreadsheets do: text is greater than any number."""

    def __init__(self, plain):
        self.plain = plain

    def _rank(self):
        return (1, self.plain) if isinstance(self.plain, str) else (0, float(self.plain))

    def __eq__(self, other):
        return Value(self._rank() == other._rank())

    def __ne__(self, other):
        return Value(self._rank() != other._rank())

    def __lt__(self, other):
        return Value(self._rank() < other._rank())

    def __le__(self, other):
        return Value(self._rank() <= other._rank())

    def __gt__(self, other):
        return Value(self._rank() > other._rank())

    def _with(self, reckon, other):
        if isinstance(self.plain, str) or isinstance(other.plain, str):
            return Value("#VALUE!")
        return Value(reckon(self.plain, other.plain))

    def __add__(self, other):
        return self._with(operator.add, other)

    def __mul__(self, other):
        return self._with(operator.mul, other)

    def __truediv__(self, other):
        return Value("#DIV/0!") if other.plain == 0 else self._with(operator.truediv, other)

    def __neg__(self):
        return Value(0) - self

    def __sub__(self, other):
        return self._with(operator.sub, other)

    def __and__(self, other):
        return Value(
            f"{self.plain:g}{other.plain:g}"
            if not isinstance(self.plain, str)
            else f"{self.plain}{other.plain:g}"
        )


class Cells(list):
    """A range of cells, reckoned with cell by cell."""

    def _each(self, reckon, other):
        others = other if isinstance(other, Cells) else [other] * len(self)
        return Cells(reckon(one, another) for one, another in zip(self, others, strict=True))

    def __ne__(self, other):
        return self._each(operator.ne, other)

    def __le__(self, other):
        return self._each(operator.le, other)

    def __mul__(self, other):
        return self._each(operator.mul, other)


def _numbers(cells):
    return [each.plain for each in cells if not isinstance(each.plain, str)]


def _meets(cell, criterion):
    for sign, holds in (("<=", operator.le), (">=", operator.ge), ("<", operator.lt), (">", operator.gt)):
        if isinstance(criterion, str) and criterion.startswith(sign):
            return not isinstance(cell.plain, str) and holds(cell.plain, float(criterion.removeprefix(sign)))
    return cell.plain == criterion


def _network_days(first, last, off):
    assert first.plain <= last.plain, "a spreadsheet would count backwards here"
    free = set(_numbers(off))
    days = range(int(first.plain), int(last.plain) + 1)
    return Value(sum((BEGINNING + timedelta(days=day)).weekday() < 5 and day not in free for day in days))


FUNCTIONS = {
    "IF": lambda condition, so, otherwise: so() if condition().plain else otherwise(),
    "AND": lambda *conditions: Value(all(each().plain for each in conditions)),
    "SUM": lambda cells: Value(sum(_numbers(cells()))),
    "COUNT": lambda cells: Value(len(_numbers(cells()))),
    "COUNTA": lambda cells: Value(sum(each.plain != "" for each in cells())),
    "COUNTIF": lambda cells, wanted: Value(sum(_meets(each, wanted().plain) for each in cells())),
    "COUNTIFS": lambda *pairs: Value(
        sum(
            all(_meets(cell, wanted().plain) for cell, wanted in zip(row, pairs[1::2], strict=True))
            for row in zip(*(each() for each in pairs[::2]), strict=True)
        )
    ),
    "SUMPRODUCT": lambda cells: Value(sum(_numbers(cells()))),
    "NETWORKDAYS": lambda first, last, off: _network_days(first(), last(), off()),
}


class Reckoner:
    """Reckons cells of a workbook that was opened with its formulas."""

    def __init__(self, book):
        self.book, self.known = book, {}

    def value(self, sheet, address):
        """What a cell comes to."""
        if (sheet, address) not in self.known:
            held = self.book[sheet][address].value
            is_formula = self.book[sheet][address].data_type == "f"
            self.known[sheet, address] = self._reckon(sheet, held) if is_formula else Value(plain(held))
        return self.known[sheet, address]

    def _reckon(self, sheet, formula):
        parts = []
        for token in Tokenizer(formula).items:
            if token.type == "OPERAND":
                parts.append(self._operand(sheet, token))
            elif token.type == "FUNC":
                parts.append(f"F[{token.value[:-1]!r}](lambda: " if token.subtype == "OPEN" else ")")
            elif token.type == "SEP":
                parts.append(", lambda: ")
            else:
                # `&` binds less than `+` and more than comparisons in either language.
                parts.append({"=": "==", "<>": "!="}.get(token.value, token.value))
        return eval("".join(parts), {"F": FUNCTIONS, "V": Value, "cells": self._cells})

    def _operand(self, sheet, token):
        if token.subtype == "TEXT":
            return f"V({token.value[1:-1]!r})"
        if token.subtype == "NUMBER":
            return f"V({token.value})"
        place, _, address = token.value.rpartition("!")
        return f"cells({place.strip(chr(39)) or sheet!r}, {address.replace('$', '')!r})"

    def _cells(self, sheet, address):
        if ":" not in address:
            return self.value(sheet, address)
        left, top, right, bottom = range_boundaries(address)
        assert left == right
        return Cells(self.value(sheet, f"{get_column_letter(left)}{row}") for row in range(top, bottom + 1))


def plain(held):
    """A cell's value as a spreadsheet reckons with it: days as numbers, what is empty as no text."""
    if held is None:
        return ""
    if isinstance(held, datetime):
        held = held.date()
    return (held - BEGINNING).days if isinstance(held, date) else held
