"""What pydantic found, said in sentences about the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alerts.language import did_you_mean
from config.document import Document
from config.errors import Fault
from config.source import SECRETS

Said = tuple[str, str]
"""A message and a remedy."""


def faults_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Fault]:
    """A fault for each error, several where an expression has several."""
    details = [each for each in error.errors(include_url=False) if not _follows(each)]
    return [fault for detail in details for fault in _faults(detail, model, document)]


def _faults(detail: ErrorDetails, model: type[BaseModel], document: Document) -> Iterator[Fault]:
    path = [step for step in detail["loc"] if step != "[key]"]
    context = detail.get("ctx", {})
    if detail["type"] == "language":
        for fault in context["faults"]:
            span = (fault.start, fault.end)
            yield document.fault_within(path, span, fault.message, fault.remedy)
    elif detail["type"] == "extra_forbidden":
        yield _unknown_key(path, model, document)
    elif detail["type"] == "missing":
        remedy = f"add '{path[-1]}: …' here"
        yield document.fault_at(path[:-1], f"'{path[-1]}' is missing", remedy)
    else:
        yield document.fault_at(path, *_said(detail), key="[key]" in detail["loc"])


def _follows(detail: ErrorDetails) -> bool:
    """Whether it only says that a list has no sound item left."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _unknown_key(path: Sequence[str | int], model: type[BaseModel], document: Document) -> Fault:
    key = str(path[-1])
    known = _keys(_model_at(model, path[:-1]))
    remedy = did_you_mean(key, known)
    if key in SECRETS:
        remedy = f"write it into a file of its own, and name that: '{key}_file: …'"
    return document.fault_at(path, f"unknown key '{key}'", remedy, key=True)


def _keys(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    """The model of the mapping at a path; indices and free names stay within the model."""
    for step in path:
        annotation = _keys(model).get(str(step))
        model = _model_in(annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in get_args(annotation))
    return next(filter(None, inner), None)


def _said(detail: ErrorDetails) -> Said:
    kind, value = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if value is None:
        name = detail["loc"][-1]
        what = f"'{name}'" if isinstance(name, str) else "this item"
        return f"{what} is empty", "write a value, or remove it"
    if kind == "refused":
        return str(context["message"]), str(context["remedy"])
    for sign, say in _SENTENCES:
        if sign in kind:
            return say(value, context)
    return detail["msg"], ""


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str | int | float) else "this"


def _choice(value: Any, context: dict[str, Any]) -> Said:
    expected = str(context.get("expected", ""))
    known = [word for word in expected.split("'")[1::2] if word]
    return f"{_shown(value)} is not one of {expected}", did_you_mean(
        value if isinstance(value, str) else "", known
    )


def _bounded(value: Any, context: dict[str, Any]) -> Said:
    if "ge" in context:
        return f"{_shown(value)} is too small", f"write {context['ge']} or more"
    return f"{_shown(value)} is too large", f"write {context.get('le')} or less"


def _fixed(message: str, remedy: str) -> Callable[[Any, dict[str, Any]], Said]:
    return lambda value, _: (f"{_shown(value)} {message}", remedy)


_SENTENCES: tuple[tuple[str, Callable[[Any, dict[str, Any]], Said]], ...] = (
    ("literal_error", _choice),
    ("enum", _choice),
    ("than_equal", _bounded),
    ("string_too_short", _fixed("is empty", "write a text")),
    ("string_too_long", _fixed("is too long", "shorten it")),
    ("string", _fixed("must be a text", "put it in quotes if it begins with '{' or '['")),
    ("too_short", _fixed("is empty", "name one at least, or remove the key")),
    ("int", _fixed("is not a whole number", "write it in digits")),
    ("float", _fixed("is not a number", "write it as 0.5")),
    ("finite", _fixed("is not a number", "write it as 0.5")),
    ("bool", _fixed("is neither true nor false", "write true or false")),
    ("tuple", _fixed("is not a list", "write it in brackets: [one, two]")),
    ("dict", _fixed("is not a group of keys", "write 'key: value' lines, indented")),
    ("model", _fixed("is not a group of keys", "write 'key: value' lines, indented")),
)
"""Part of pydantic's name for an error → what is said of it; the first that fits."""
