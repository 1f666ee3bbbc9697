"""A study as one JSON object, in the form that other programs rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from daemon.study.claims import claims
from daemon.study.correlation import WHOLE, Window
from daemon.study.quality import FileFacts
from daemon.study.study import Study
from daemon.study.texts import utc_text
from streams.instrument import NS
from streams.snapshot import Reading


def study_json(study: Study) -> str:
    """`{"corr","lead_lag","divergences","breaks","claims","data"}`; instants in ISO 8601, UTC."""
    found = {
        "corr": {WHOLE: _reading(study.whole)} | {w.name: _window(w) for w in study.windows},
        "lead_lag": _lead_lag(study),
        "divergences": _divergences(study),
        "breaks": _breaks(study),
        "claims": claims(study),
        "data": _data(study),
    }
    return msgspec.json.encode(found).decode()


def _reading(reading: Reading) -> dict[str, Any]:
    form = {"value": reading.value, "low": reading.low, "high": reading.high, "n": reading.n}
    return form | ({"reason": reading.reason} if reading.reason else {})


def _readings(readings: Mapping[str, Reading]) -> dict[str, Any]:
    return {key: _reading(reading) for key, reading in readings.items()}


def _window(window: Window) -> dict[str, Any]:
    spread = {"lowest": window.lowest, "median": window.median, "highest": window.highest}
    return _reading(window.latest) | spread


def _lead_lag(study: Study) -> dict[str, Any]:
    found = study.lead_lag
    profile = zip(found.profile.lags.tolist(), found.profile.readings(), strict=True)
    return {
        "lag_seconds": None if found.lag is None else found.lag / NS,
        "llr": found.llr,
        "p_value": found.p_value,
        "verdict": found.verdict,
        "reason": found.reason,
        "suspect": found.suspect or None,
        "at_lag": _reading(found.at_peak),
        "at_zero": _reading(found.at_zero),
        "profile": [{"lag_seconds": lag / NS} | _reading(reading) for lag, reading in profile],
    }


def _divergences(study: Study) -> list[dict[str, Any]]:
    return [
        {
            "start": utc_text(episode.start),
            "end": utc_text(episode.end),
            "peak": utc_text(episode.peak),
            "z": episode.z,
            "horizon": study.divergences.horizon,
        }
        for episode in study.divergences.episodes
    ]


def _breaks(study: Study) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = [
        {
            "kind": "break",
            "onset": utc_text(found.onset),
            "alarm": utc_text(found.alarm),
            "restored": None if found.restored is None else utc_text(found.restored),
            "new_normal": found.renewed,
            "p0": found.p0,
        }
        for found in study.breaks.found
    ]
    change = study.breaks.constancy
    if change is not None and change.changed:
        listed.append(
            {
                "kind": "change",
                "onset": utc_text(change.ts),
                "before": change.before,
                "after": change.after,
                "statistic": change.statistic,
            }
        )
    return listed


def _data(study: Study) -> dict[str, Any]:
    return {
        "x": _file(study, study.x),
        "y": _file(study, study.y),
        "hours": study.aligned.hours.name,
        "bar_seconds": study.aligned.bar / NS,
        "closes_apart_seconds": study.aligned.apart / NS,
        "by_interval": _readings(study.by.interval),
        "by_day": _readings(study.by.day),
        "by_hour": _readings(study.by.hour),
        "by_year": _readings(study.by.year),
    }


def _file(study: Study, file: FileFacts) -> dict[str, Any]:
    form: dict[str, Any] = msgspec.to_builtins(file)
    form["bar_seconds"] = form.pop("bar") / NS
    form |= {"first": utc_text(file.first), "last": utc_text(file.last)}
    form["gaps"] = [{"after": utc_text(g.after), "missing": g.missing} for g in file.gaps]
    form["bad_prints"] = [
        {"ts": utc_text(p.ts), "price": p.price, "jump": p.jump} for p in file.bad_prints
    ]
    form["lows"] = msgspec.to_builtins(study.lows.get(file.name, []))
    return form
