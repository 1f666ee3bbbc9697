"""A metric's arguments: what is written in its brackets, made into a Call.

Instruments are told from durations and rates by how they are written, so their order is free.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.language.errors import did_you_mean
from alerts.language.findings import Findings, head
from alerts.language.tree import Argument, Name, Node, Number, Operation, Unsound
from alerts.language.units import SECONDS, unit_remedy
from alerts.language.vocabulary import Vocabulary
from alerts.language.words import BUDGET
from streams.instrument import Pair
from streams.metric import FEWEST_DAYS, PERIODS, Call, Metric


class Arguments:
    """Reads the arguments of one metric, and notes their faults."""

    def __init__(self, findings: Findings, metric: Metric, vocabulary: Vocabulary) -> None:
        self._findings = findings
        self._metric = metric
        self._vocabulary = vocabulary
        self._sound = True
        self._instruments: list[str] = []
        self._window: float | None = None
        self._days: int | None = None
        self._rate: float | None = None

    def call(self, node: Node, arguments: Sequence[Node]) -> Call | None:
        """The call, with defaults filled in; None where there is a fault."""
        before = len(self._findings.faults)
        for argument in arguments:
            self._take(argument)
        instruments = self._over(node, self._vocabulary.pair) if self._sound else ()
        if not self._sound or len(self._findings.faults) > before:
            return None
        metric = self._metric
        return Call(
            metric=metric.name,
            instruments=instruments,
            window=None if self._days else self._window or metric.window,
            rate=self._rate or (metric.rate and self._vocabulary.budget) or metric.rate,
            days=self._days,
        )

    def _parameters(self) -> list[str]:
        metric = self._metric
        return [metric.window_name] * (metric.window is not None) + [BUDGET] * (
            metric.rate is not None
        )

    def _take(self, node: Node) -> None:
        match node:
            case Unsound() | Argument(value=Unsound()):
                self._sound = False
            case Argument():
                self._keyword(node)
            case Name():
                self._instrument(node)
            case Number():
                self._take_window(node)
            case Operation(operator="/", operands=(Number(), Name())):
                self._take_rate(node)
            case _:
                self._findings.note(
                    node, f"'{self._findings.words(node)}' is not an argument", self._usage()
                )

    def _keyword(self, node: Argument) -> None:
        if node.name not in self._parameters():
            name = head(node, node.name)
            message = f"{self._metric.name} has no parameter '{node.name}'"
            self._findings.note(
                name, message, did_you_mean(node.name, self._parameters()) or self._usage()
            )
        elif node.name == BUDGET:
            self._take_rate(node.value)
        else:
            self._take_window(node.value)

    def _instrument(self, node: Name) -> None:
        instrument = self._vocabulary.instrument(node.text)
        if instrument is None:
            remedy = did_you_mean(node.text, self._vocabulary.instruments)
            self._findings.note(node, f"unknown instrument '{node.text}'", remedy)
            self._sound = False
        else:
            self._instruments.append(instrument)

    def _take_window(self, node: Node) -> None:
        if self._metric.window is None:
            self._findings.note(node, f"{self._metric.name} takes no duration", self._usage())
        elif self._window is not None or self._days is not None:
            self._findings.note(node, "a second duration", self._usage())
        elif not isinstance(node, Number):
            self._findings.note(
                node,
                f"'{self._findings.words(node)}' is not a duration",
                "write it as 90s, 60m or 1h",
            )
        elif not node.unit:
            figure = f"{node.value:g}"
            message = f"'{self._findings.words(node)}' has no unit"
            self._findings.note(node, message, f"write {figure}m, {figure}h or {figure}s")
        elif node.unit not in SECONDS:
            unit = Name(start=node.unit_start, end=node.end, text=node.unit)
            self._findings.note(
                unit, f"'{node.unit}' is not a unit of time", unit_remedy(node.unit)
            )
        else:
            self._set_window(node, node.value * SECONDS[node.unit])

    def _set_window(self, node: Number, seconds: float) -> None:
        if not 1 <= seconds <= 366 * SECONDS["d"]:
            self._findings.note(
                node, f"'{self._findings.words(node)}' is out of range", "write from 1s to 366d"
            )
        elif self._metric.closes and seconds > SECONDS["d"]:
            self._set_days(node)
        elif not (self._metric.daily and node.unit == "d"):
            self._window = seconds
        elif node.value == 1:
            self._days = 1
        else:
            remedy = f"write 1d (since the prior close) or {seconds / SECONDS['h']:g}h by the clock"
            self._findings.note(
                node, f"no close is kept from {self._findings.words(node)} ago", remedy
            )

    def _set_days(self, node: Number) -> None:
        """A window of daily closes."""
        if node.unit == "d" and node.value >= FEWEST_DAYS and node.value % 1 == 0:
            self._days = int(node.value)
            return
        words = self._findings.words(node)
        self._findings.note(
            node,
            f"'{words}' is neither within a day nor a number of daily closes",
            f"write 1d or less (of ticks), or {FEWEST_DAYS}d, 20d, 60d (of daily closes)",
        )

    def _take_rate(self, node: Node) -> None:
        if self._metric.rate is None:
            self._findings.note(
                node, f"{self._metric.name} takes no false-alarm budget", self._usage()
            )
        elif self._rate is not None:
            self._findings.note(node, "a second false-alarm budget", self._usage())
        else:
            self._rate = self._budget(node)

    def _budget(self, node: Node) -> float | None:
        match node:
            case Operation(operator="/", operands=(Number(unit="", value=count), Name() as period)):
                return self._alarms(node, count, period)
            case _:
                self._findings.note(
                    node, f"'{self._findings.words(node)}' is not a rate", "write it as 1/month"
                )
                return None

    def _alarms(self, node: Node, count: float, period: Name) -> float | None:
        if period.text not in PERIODS:
            remedy = did_you_mean(period.text, PERIODS)
            self._findings.note(period, f"unknown period '{period.text}'", remedy)
            return None
        alarms = count / PERIODS[period.text]
        if not 1 / 2520 <= alarms <= 10:
            self._findings.note(
                node, f"'{self._findings.words(node)}' is out of range", "write 1/month"
            )
            return None
        return alarms

    def _over(self, node: Node, pair: Pair) -> tuple[str, ...]:
        """The instruments the metric is of: those named, or the rule's pair."""
        names = self._instruments
        if self._metric.over == "instrument":
            if len(names) != 1:
                self._findings.note(
                    node, f"{self._metric.name} is of one instrument", self._usage()
                )
        elif self._metric.controlled:
            return self._controlled(node, pair)
        elif not names:
            return (pair.x, pair.y)
        elif len(names) != 2 or names[0] == names[1]:
            self._findings.note(node, f"{self._metric.name} is of two instruments", self._usage())
        return tuple(names)

    def _controlled(self, node: Node, pair: Pair) -> tuple[str, ...]:
        """The pair and its control: all three named, the control alone, or neither."""
        names = self._instruments or pair.controls[:1]
        whole = tuple(names) if len(names) == 3 else (pair.x, pair.y, *names)
        if len(whole) != 3 or len(set(whole)) != 3:
            name = self._metric.name
            self._findings.note(
                node, f"{name} is of two instruments and a control", f"write it as {name}(SPY, 1d)"
            )
        return whole

    def _usage(self) -> str:
        """`write it as corr(1h)`."""
        metric = self._metric
        arguments = ["ETH"] if metric.over == "instrument" else []
        if metric.window is not None:
            arguments.append("60m")
        if metric.rate is not None:
            arguments.append(f"{BUDGET}=1/month")
        written = f"{metric.name}({', '.join(arguments)})"
        return f"write it as {written}" + (
            " or name two instruments" if metric.over == "pair" else ""
        )
