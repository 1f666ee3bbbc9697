"""A document held against its keys."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from config.document import Document
from config.errors import Fault
from config.names import Names
from config.sentences import faults_of

M = TypeVar("M", bound=BaseModel)


def validated(document: Document, model: type[M], names: Names) -> tuple[M | None, list[Fault]]:
    """The keys (None: not sound), and all faults of the document, those of its YAML before."""
    faults = list(document.faults)
    told = {fault.place for fault in faults}
    try:
        return model.model_validate(document.root, context=names), faults
    except ValidationError as error:
        found = faults_of(error, model, document)
        return None, faults + [fault for fault in found if fault.place not in told]
