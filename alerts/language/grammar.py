"""The grammar of expressions: text in, tree out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from alerts.language.errors import LanguageError, TextFault
from alerts.language.tree import (
    Argument,
    Comparison,
    Invocation,
    Name,
    Node,
    Number,
    Operation,
    too_deep,
)

GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction ("or" conjunction)*
?conjunction: negation ("and" negation)*
?negation: NOT negation -> prefixed
    | comparison
?comparison: sum (COMPARE sum)*
?sum: product
    | sum (PLUS | MINUS) product -> arithmetic
?product: sign
    | product (STAR | SLASH) sign -> arithmetic
?sign: MINUS sign -> prefixed
    | atom
?atom: NUMBER (PERCENT | NAME)? -> number
    | NAME -> name
    | NAME "(" (argument ("," argument)*)? RIGHT -> invocation
    | "(" disjunction RIGHT -> group
?argument: NAME "=" disjunction -> keyword
    | disjunction

NOT: "not"
COMPARE: "<=" | ">=" | "<" | ">"
PLUS: "+"
MINUS: "-"
STAR: "*"
SLASH: "/"
PERCENT: "%"
RIGHT: ")"
NUMBER: /(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/
NAME: /[A-Za-z_][A-Za-z0-9_]*/

%import common.WS
%ignore WS
"""

_LONGEST = 4000


class _Build(Transformer[Token, Node]):
    """Builds nodes while the parser reduces, hence without recursion."""

    def number(self, children: list[Token]) -> Node:
        figure, unit = children[0], children[-1] if len(children) > 1 else None
        return Number(
            start=_offset(figure),
            end=_end(unit or figure),
            value=float(figure),
            unit=str(unit or ""),
            unit_start=_offset(unit or figure),
        )

    def name(self, children: list[Token]) -> Node:
        (token,) = children
        return Name(start=_offset(token), end=_end(token), text=str(token))

    def invocation(self, children: list[Any]) -> Node:
        head, *arguments, right = children
        return Invocation(
            start=_offset(head), end=_end(right), name=str(head), arguments=tuple(arguments)
        )

    def keyword(self, children: list[Any]) -> Node:
        token, value = children
        return Argument(start=_offset(token), end=value.end, name=str(token), value=value)

    def group(self, children: list[Any]) -> Node:
        return cast("Node", children[0])

    def prefixed(self, children: list[Any]) -> Node:
        token, operand = children
        return Operation(
            start=_offset(token), end=operand.end, operator=str(token), operands=(operand,)
        )

    def arithmetic(self, children: list[Any]) -> Node:
        left, token, right = children
        return _operation(str(token), (left, right))

    def conjunction(self, children: list[Node]) -> Node:
        return _operation("and", children)

    def disjunction(self, children: list[Node]) -> Node:
        return _operation("or", children)

    def comparison(self, children: list[Any]) -> Node:
        return Comparison(
            start=children[0].start,
            end=children[-1].end,
            operators=tuple(str(token) for token in children[1::2]),
            operands=tuple(children[::2]),
        )


def _offset(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return _offset(token) + len(token)


def _operation(operator: str, operands: Sequence[Node]) -> Node:
    return Operation(
        start=operands[0].start, end=operands[-1].end, operator=operator, operands=tuple(operands)
    )


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Build())


def parse(text: str) -> Node:
    """The tree of an expression; raises LanguageError with the one fault that stops it."""
    if not text.strip():
        raise LanguageError([TextFault(0, len(text), "nothing is written here", _EXAMPLE)])
    if len(text) > _LONGEST:
        fault = TextFault(0, len(text), f"longer than {_LONGEST} characters", "write two rules")
        raise LanguageError([fault])
    try:
        node = cast("Node", _parser().parse(text))
    except UnexpectedInput as error:
        raise LanguageError([_syntax_fault(error, text)]) from None
    if too_deep(node):
        raise LanguageError([TextFault(0, len(text), "nested too deeply", "write two rules")])
    return node


_EXAMPLE = "write a condition such as 'divergence(60m) < -4'"

_FOREIGN = {
    "=": "comparisons are written < <= > >=",
    "!": "write 'not'",
    "&": "write 'and'",
    "|": "write 'or'",
    "AND": "write 'and'",
    "OR": "write 'or'",
    "NOT": "write 'not'",
    "\N{MINUS SIGN}": "write '-'",
    "\N{EN DASH}": "write '-'",
    "\N{LESS-THAN OR EQUAL TO}": "write '<='",
    "\N{GREATER-THAN OR EQUAL TO}": "write '>='",
    "\N{MULTIPLICATION SIGN}": "write '*'",
    "\N{GREEK CAPITAL LETTER SIGMA}": "write 'sigma'",
}
"""What people write from habit, and what it is called here."""


def _syntax_fault(error: UnexpectedInput, text: str) -> TextFault:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return _misplaced(_offset(error.token), str(error.token), error.accepts)
    if isinstance(error, UnexpectedCharacters):
        at = cast("int", error.pos_in_stream)
        return _misplaced(at, text[at], error.allowed)
    end = len(text.rstrip())
    return TextFault(end, end, "the expression stops too early", _missing(text))


def _misplaced(start: int, word: str, expected: set[str] | None) -> TextFault:
    remedy = _FOREIGN.get(word.upper()) or _wanted(expected or set())
    return TextFault(start, start + len(word), f"'{word}' cannot stand here", remedy)


def _missing(text: str) -> str:
    if text.count("(") > text.count(")"):
        return "a ')' is missing"
    return "a number or a metric is missing"


def _wanted(expected: set[str]) -> str:
    if "NUMBER" in expected:
        return "a number, a metric or '(' is wanted"
    if "RIGHT" in expected:
        return "an operator, ',' or ')' is wanted"
    return "an operator such as < + and or is wanted"
