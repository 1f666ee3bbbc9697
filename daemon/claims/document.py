"""The file of claims: YAML in, statements out."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from daemon.claims.statement import Statement

NAME = "claims.yaml"
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class ClaimsError(Exception):
    """A file of claims that cannot be taken; the text names file and line."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    claims: list[Statement]


def shipped() -> Path:
    """The claims that come with comove: of the checkout, else of the installed package."""
    own = Path(__file__).resolve()
    checkout = own.parents[2] / "seeds" / NAME
    return checkout if checkout.is_file() else own.with_name(NAME)


def read_claims(path: Path) -> list[Statement]:
    """Every statement, in order; ClaimsError where there is a fault."""
    try:
        text = path.read_text("utf-8")
        loaded = YAML(typ="safe", pure=True).load(text)
    except OSError as error:
        raise ClaimsError(path, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise ClaimsError(path, "this is not UTF-8 text") from error
    except YAMLError as error:
        raise ClaimsError(path, *_fault(error)) from error
    try:
        found = msgspec.convert(loaded, _Document).claims
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise ClaimsError(path, message, _line(text, place)) from error
    return _with_own_ids(path, found)


def _with_own_ids(path: Path, found: list[Statement]) -> list[Statement]:
    ids = [statement.id for statement in found]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise ClaimsError(path, f"two claims are called {twice!r}")
    if not found:
        raise ClaimsError(path, "there are no claims in it")
    return found


def _fault(error: YAMLError) -> tuple[str, int | None]:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        return f"this is not YAML: {error.problem}", error.problem_mark.line + 1
    return "this is not YAML", None


def _line(text: str, place: str) -> int:
    """The line of `.claims[3].test`, or of what holds it."""
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    line = 0
    for name, index in _STEP.findall(place):
        node = _child(node, name, index)
        if node is None:
            break
        line = node.start_mark.line
    return line + 1


def _child(node: Node | None, name: str, index: str) -> Node | None:
    if isinstance(node, SequenceNode) and index:
        children: list[Node] = node.value
        return children[int(index)]
    if isinstance(node, MappingNode):
        pairs: list[tuple[Node, Node]] = node.value
        return next((value for key, value in pairs if key.value == name), None)
    return None
