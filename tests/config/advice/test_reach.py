"""Boxes against plain evaluation: what is called impossible never comes true."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.language import LanguageError, Vocabulary
from alerts.rule import Expression
from config.advice.reach import Reach
from tests.alerts.language.cases import INSTRUMENTS, PAIR, compiled, snapshot

VOCABULARY = Vocabulary(PAIR, INSTRUMENTS)
FIGURES = ("corr(1h)", "corr_low(1h)", "pearson(1h)")
TRUTHS = ("stale(ETH)", "breakdown")

atoms = st.sampled_from(FIGURES)
bounds = st.sampled_from(["-0.5", "0", "0.5", "0.5 / 2"])
signs = st.sampled_from(["<", "<=", ">", ">="])


def call(name: str, parts: list[str]) -> str:
    return f"{name}({', '.join(parts)})"


figures = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map("abs({})".format),
        inner.map("-({})".format),
        st.builds(call, st.sampled_from(["min", "max"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
    ),
    max_leaves=4,
)
comparisons = st.one_of(
    st.builds("{} {} {}".format, figures, signs, bounds),
    st.builds("{} {} {}".format, bounds, signs, figures),
    st.builds("{} {} {}".format, figures, signs, figures),
    st.builds("{} {} {} {} {}".format, bounds, signs, figures, signs, bounds),
)
conditions = st.recursive(
    comparisons | st.sampled_from(TRUTHS),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=6,
)


def sound(text: str) -> Expression | None:
    """None where units do not go together."""
    try:
        return compiled(text, truth=True)
    except LanguageError:
        return None


correlations = st.sampled_from([-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0])


@settings(max_examples=250, deadline=None)
@given(conditions, st.data())
def test_what_no_box_allows_never_comes_true(text: str, data: st.DataObject) -> None:
    expression = sound(text)
    assume(expression is not None)
    assert expression is not None
    reach = Reach(text, VOCABULARY)
    allowed = {so: bool(reach.boxes(reach.tree, so=so)) for so in (True, False)}
    for _ in range(8):
        values: dict[str, float | bool | None] = {
            call.key: data.draw(
                st.booleans() if call.metric in {"stale", "breakdown"} else correlations
            )
            for call in expression.calls
        }
        value = expression.evaluate(snapshot(values))
        assert value is None or allowed[bool(value)]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.builds("{} {} {}".format, atoms, signs, bounds), min_size=1, max_size=4))
def test_plain_comparisons_are_judged_exactly(parts: list[str]) -> None:
    text = " and ".join(parts)
    expression = compiled(text, truth=True)
    reach = Reach(text, VOCABULARY)
    steps = [step / 8 for step in range(-8, 9)]

    def holds(value: float) -> dict[str, bool]:
        """Each comparison by its metric, all of them over one metric taken together."""
        readings = snapshot(dict.fromkeys((call.key for call in expression.calls), value))
        return {part: bool(compiled(part).evaluate(readings)) for part in parts}

    metrics = {part.split(" ")[0] for part in parts}
    possible = all(
        any(
            all(so for part, so in holds(step).items() if part.startswith(f"{metric} "))
            for step in steps
        )
        for metric in metrics
    )
    assert bool(reach.boxes(reach.tree)) is possible
