"""The life of alerts written out plainly, a second at a time: what the engine is held against."""

from __future__ import annotations

from dataclasses import dataclass, field

RANK = {"critical": 0, "warning": 1, "info": 2}


@dataclass
class PlainIncident:
    since: int
    folded: bool
    told: bool = False
    last: int = 0
    acknowledged: bool = False
    snoozed: int | None = None
    group: str = ""


@dataclass
class PlainRule:
    """Durations in seconds; `flaps` is how often within how long."""

    name: str
    figure: str
    severity: str = "warning"
    hold: int = 0
    clear: bool = False
    clear_hold: int = 0
    regular: bool = False
    repeat: int | None = None
    flaps: tuple[int, int] | None = None
    inhibited_by: str = ""

    state: str = "inactive"
    held: int = 0
    counting: bool = False
    incident: PlainIncident | None = None
    fired: list[int] = field(default_factory=list)
    """Firings since it was last quiet."""
    flapping: bool = False
    said: bool = False

    def quiet_by(self, now: int) -> bool:
        return self.flaps is None or not self.fired or now - self.fired[-1] >= self.flaps[1]

    def count_firing(self, now: int) -> bool:
        """Whether this one is one too many."""
        if self.flaps is None:
            return False
        if self.quiet_by(now):
            self.fired, self.flapping, self.said = [], False, False
        folded = self.flapping and self.said
        self.fired.append(now)
        times, within = self.flaps
        if sum(now - at <= within for at in self.fired) >= times:
            self.flapping = True
        return folded

    def live(self, value: float | None, now: int, *, open_: bool) -> list[str]:
        """What happens to its state: names of states entered."""
        if value is None or (self.regular and not open_):
            self.counting = False
            return []
        return self._rise(now, low=value < -4) if self.incident is None else self._fall(value)

    def _rise(self, now: int, *, low: bool) -> list[str]:
        if not low:
            was, self.state, self.counting = self.state, "inactive", False
            return ["inactive"] if was == "pending" else []
        entered = []
        if self.state == "inactive":
            self.state, self.held, self.counting = "pending", 0, False
            entered = ["pending"]
        self.held += self.counting
        self.counting = True
        if self.held >= self.hold:
            self.state, self.counting = "firing", False
            self.incident = PlainIncident(now, self.count_firing(now))
            entered = ["firing"]
        return entered

    def _fall(self, value: float) -> list[str]:
        over = value > -2 if self.clear else value >= -4
        if not over:
            fell_back = self.state == "recovering"
            self.state, self.counting = "firing", False
            return ["firing"] if fell_back else ["burning"]
        entered = []
        if self.state == "firing":
            self.state, self.held, self.counting = "recovering", 0, False
            entered = ["recovering"]
        self.held += self.counting
        self.counting = True
        if self.held >= self.clear_hold:
            self.state, self.counting = "inactive", False
            entered = ["resolved"]
        return entered


@dataclass(frozen=True)
class Said:
    """A transition: `told` says whether to anybody."""

    rule: str
    state: str
    told: bool
    again: bool
    group: str


class Plain:
    """Several rules of one pair together."""

    def __init__(self, rules: list[PlainRule]) -> None:
        self.rules = rules
        self.silences: dict[str, tuple[set[str], int]] = {}

    def second(self, now: int, figures: dict[str, float | None], *, open_: bool) -> list[Said]:
        events = [(r, r.live(figures[r.figure], now, open_=open_)) for r in self.rules]
        ended = {r.name: r.incident for r, entered in events if "resolved" in entered}
        for rule in self.rules:
            if rule.name in ended:
                rule.incident = None
        said: list[Said] = []
        for rule, entered in sorted(events, key=lambda e: RANK[e[0].severity]):
            for state in entered:
                said += self._say(rule, state, now, ended.get(rule.name))
        return said

    def _say(
        self, rule: PlainRule, state: str, now: int, ended: PlainIncident | None
    ) -> list[Said]:
        if ended is not None:
            return [Said(rule.name, state, ended.told, again=False, group=ended.group)]
        incident = rule.incident
        if incident is None:
            return [Said(rule.name, state, told=False, again=False, group="")]
        if state == "recovering":
            return [Said(rule.name, state, told=False, again=False, group=incident.group)]
        if self._wants_telling(rule, incident, now) and not self.muted(rule, now):
            again, incident.snoozed = incident.told, None
            if not incident.told:
                incident.group = self._leader(rule, incident)
                rule.said = rule.said or (rule.flapping and not rule.quiet_by(now))
            incident.told, incident.last = True, now
            return [Said(rule.name, "firing", told=True, again=again, group=incident.group)]
        if state == "burning":
            return []
        again = incident.since != now
        return [Said(rule.name, "firing", told=False, again=again, group=incident.group)]

    def _wants_telling(self, rule: PlainRule, incident: PlainIncident, now: int) -> bool:
        if incident.acknowledged:
            return False
        if incident.snoozed is not None:
            return now >= incident.snoozed
        if not incident.told:
            return True
        return rule.repeat is not None and now - incident.last >= rule.repeat

    def muted(self, rule: PlainRule, now: int) -> bool:
        silenced = any(
            rule.name in names and now < until for names, until in self.silences.values()
        )
        inhibited = any(
            other.name == rule.inhibited_by and other.incident is not None for other in self.rules
        )
        incident = rule.incident
        if silenced or inhibited or incident is None:
            return silenced or inhibited
        folded = incident.folded and not rule.quiet_by(now)
        return folded or (incident.snoozed is not None and now < incident.snoozed)

    def _leader(self, rule: PlainRule, incident: PlainIncident) -> str:
        for other in self.rules:
            first = other.incident
            if (
                first is not None
                and other.state == "firing"
                and first.told
                and not first.group
                and RANK[other.severity] <= RANK[rule.severity]
                and abs(first.since - incident.since) <= 30
            ):
                return other.name
        return ""

    def restart(self) -> None:
        for rule in self.rules:
            rule.counting = False
