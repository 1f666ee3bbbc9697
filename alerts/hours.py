"""The rules of one pair that are looked at in the same sessions, and the looking."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.course import Course
from streams.snapshot import Snapshot

ALWAYS = "any"


class Hours:
    """Asks its rules at every snapshot inside their session; what it does a rule must cost little.

    Expressions are given the snapshot of the evaluation before too; the first of a session has
    none.
    """

    def __init__(self, session: str | None, courses: Sequence[Course]) -> None:
        self._session = None if session == ALWAYS else session
        self._courses = courses
        pair = courses[0].rule.pair
        self._names = (pair.x, pair.y)
        self._before: Snapshot | None = None

    def look(self, snapshot: Snapshot, now: int, stirred: list[Course]) -> bool:
        """Adds the rules that there is something to say of; whether the doubt of any changed."""
        now_is = self._now(snapshot)
        if self._session not in {None, now_is}:
            return self._suspend(f"looked at in {self._session} hours only, it is {now_is}")
        before, self._before = self._before, snapshot
        changed = self._resume()
        for course in self._courses:
            value = course.ask(snapshot, before)
            if value is course.calm:
                continue
            if value is None:
                changed |= course.puzzle(snapshot, before)
                continue
            changed |= course.reason != ""
            course.take(value, now)
            if course.entered is not None or (course.sure and now >= course.due):
                stirred.append(course)
        return changed

    def _now(self, snapshot: Snapshot) -> str:
        """Open is only when both are."""
        kinds = {snapshot.sessions.get(name, "regular") for name in self._names}
        return next((kind for kind in ("closed", "extended") if kind in kinds), "regular")

    def _suspend(self, why: str) -> bool:
        if self._courses[0].suspended == why:
            return False
        self._before = None
        for course in self._courses:
            course.stop()
            course.suspended, course.standing = why, None
        return True

    def _resume(self) -> bool:
        if not self._courses[0].suspended:
            return False
        for course in self._courses:
            course.suspended, course.standing = "", None
        return True


def by_session(courses: Sequence[Course]) -> list[Hours]:
    """All rules, those together that are looked at together."""
    groups: dict[tuple[str | None, str, str], list[Course]] = {}
    for course in courses:
        rule = course.rule
        groups.setdefault((rule.session, rule.pair.x, rule.pair.y), []).append(course)
    return [Hours(session, group) for (session, _, _), group in groups.items()]
