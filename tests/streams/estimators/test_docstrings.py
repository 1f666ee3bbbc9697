from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import streams.estimators

MODULES = [
    "streams.sampling",
    *(f"streams.estimators.{m.name}" for m in pkgutil.iter_modules(streams.estimators.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"streams.estimators.state"}))
def test_a_statistic_shows_an_example(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).attempted > 0
