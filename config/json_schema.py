"""JSON Schema (draft-07, which editors read) of comove.yaml, rules and events, from their keys."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from alerts.language.formats import FORMATS
from alerts.rule import Flapping
from config import forms
from config.event_keys import CalendarKeys
from config.keys import Keys, nothing_is_empty
from config.rule_keys import RulesKeys
from config.schema import ConfigKeys
from streams.instrument import NS
from streams.metric import CATALOGUE, Metric, duration_text, rate_text

MODELS: dict[str, type[Keys]] = {
    "config": ConfigKeys,
    "events": CalendarKeys,
    "rules": RulesKeys,
}
DIALECT = "http://json-schema.org/draft-07/schema#"


def json_schema(name: str) -> dict[str, Any]:
    """The schema of `config`, `events` or `rules`."""
    made = MODELS[name].model_json_schema(
        by_alias=True, ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    definitions = made.pop("$defs", {})
    for model in _models():
        schema = made if model is MODELS[name] else definitions.get(model.__name__)
        if schema is not None:
            _describe(schema, model)
    whole = {"$schema": DIALECT, **made, "definitions": definitions}
    return cast("dict[str, Any]", _draft_07(whole))


class _Generator(GenerateJsonSchema):
    """Schemas without what only pydantic's own readers need."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # the base's signature
        """A field's name says it."""
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """What may be left out is still not to be written as null."""
        return self.generate_inner(schema["schema"])

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        """What may be left empty may be null."""
        inner = super().function_before_schema(schema)
        if schema["function"].get("function") is nothing_is_empty:
            return {"anyOf": [inner, {"type": "null"}]}
        return inner

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default as it would be written; none where that is more than a word."""
        made = self.generate_inner(schema["schema"])
        written = _written(schema.get("default"), made.get("pattern", ""))
        return made if written is None else {**made, "default": written}


def _written(default: Any, pattern: str) -> str | int | bool | None:
    if isinstance(default, Flapping):
        return f"{default.times} in {duration_text(default.within / NS)}"
    if pattern in {forms.DURATION_PATTERN, forms.REPEAT_PATTERN}:
        return duration_text(default / NS) if default is not None else None
    if pattern == forms.FRACTION_PATTERN:
        return f"{default * 100:g}%"
    return default if isinstance(default, str | int) else None


def _draft_07(value: Any) -> Any:
    """Without the titles that classes gave, and with nothing beside a reference."""
    if isinstance(value, list):
        return [_draft_07(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _draft_07(item) for key, item in value.items()}
    if isinstance(made.get("title"), str):
        del made["title"]
    if "patternProperties" in made:
        made["additionalProperties"] = False
    if "$ref" in made and len(made) > 1:
        return {"allOf": [{"$ref": made.pop("$ref")}], **made}
    return made


def _models() -> Iterator[type[BaseModel]]:
    waiting: list[type[BaseModel]] = [Keys]
    while waiting:
        model = waiting.pop()
        yield model
        waiting += model.__subclasses__()


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the docstrings of a model's attributes into its schema."""
    for base in reversed(model.__mro__):
        for name, said in _docstrings(sys.modules[base.__module__]).get(base.__name__, {}).items():
            field = model.model_fields[name]
            described = schema["properties"][field.alias or name]
            described["description"] = said + _more(name)


@cache
def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """Class → attribute → the text below it."""
    if not module.__name__.startswith("config."):
        return {}
    classes = (each for each in ast.parse(inspect.getsource(module)).body)
    return {each.name: _attributes(each) for each in classes if isinstance(each, ast.ClassDef)}


def _attributes(made: ast.ClassDef) -> dict[str, str]:
    said: dict[str, str] = {}
    for before, after in zip(made.body, made.body[1:], strict=False):
        match before, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                said[name] = " ".join(text.split())
            case _:
                pass
    return said


def _more(field: str) -> str:
    """What the language offers in that field."""
    if field == "when":
        lines = (f"{_example(metric)}: {metric.doc}" for metric in CATALOGUE.values())
        return "\n\nMetrics:\n" + "\n".join(lines)
    if field == "message":
        return f" Formats: {', '.join(filter(None, FORMATS))}."
    return ""


def _example(metric: Metric) -> str:
    """`divergence(1h)`."""
    if metric.over == "context":
        return metric.name
    arguments = {"pair": [], "instrument": ["ETH"], "event": ["fomc"]}[metric.over]
    if metric.controlled:
        arguments = ["SPY"]
    if metric.window is not None:
        arguments = [*arguments, duration_text(metric.window)]
    if metric.rate is not None:
        arguments = [*arguments, rate_text(metric.rate)]
    return f"{metric.name}({', '.join(arguments)})"
