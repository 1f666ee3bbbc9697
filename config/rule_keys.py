"""The keys of a rule file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from alerts.rule import Flapping, Severity
from config import forms
from config.fields import FlappingOrNever, Hold, Rate, RepeatInterval, Slug
from config.keys import Keys, OrEmpty
from config.references import MessageText, Notify, PairNames, RuleIds, Truth
from config.silences import SilenceKeys
from streams.instrument import NS

Session = Literal["regular", "extended", "any"]

Labels = dict[Slug, Annotated[str, Field(min_length=1, max_length=200), forms.SCALAR]]
"""What silences may match, and what is shown beside the alert."""


class DefaultsKeys(Keys):
    """What holds for rules that do not say otherwise."""

    severity: Severity = Severity.WARNING
    """How much it matters: it decides loudness, and who goes first."""
    notify: Annotated[Notify, Field(min_length=1)] = ("all",)
    """Who is told: all, or names of notifiers."""
    session: Session = "any"
    """When rules are looked at."""
    repeat_interval: RepeatInterval = 4 * 3600 * NS
    """How often a rule that still fires says so again; or never."""
    clear_for: Hold = 0
    """How long it must be over before it is told as over."""
    flapping: FlappingOrNever = Flapping()
    """A rule that fires as often is told once as flapping, and folded; or never."""
    inhibited_by: RuleIds = ()
    """While one of these rules fires, nothing new is told; not of these rules themselves."""
    labels: Annotated[Labels, OrEmpty] = Field(default_factory=dict)
    """Words about rules, as 'desk: macro': silences may match them."""


class RuleKeys(Keys):
    """One rule."""

    id: Slug
    """Its name: in topics, commands and silences."""
    title: Annotated[str, Field(min_length=1, max_length=200)]
    """What it says, in a line."""
    # Before what is checked for each of them.
    pairs: Annotated[PairNames, Field(min_length=1)] | None = None
    """The pairs it is for, as ETH-IWM; without it, all."""
    when: Truth
    """The condition. Unknown never fires."""
    clear: Truth | None = None
    """When it is over; without it, as soon as 'when' is no longer so."""
    hold: Annotated[Hold, Field(alias="for")] = 0
    """How long 'when' must hold first."""
    clear_for: Hold | None = None
    """How long it must be over before it is told as over."""
    session: Session | None = None
    """When it is looked at."""
    severity: Severity | None = None
    """How much it matters: it decides loudness, and who goes first."""
    notify: Annotated[Notify, Field(min_length=1)] | None = None
    """Who is told: all, or names of notifiers."""
    repeat_interval: RepeatInterval | None = None
    """How often it says so again while it fires; or never."""
    flapping: FlappingOrNever | None = None
    """A rule that fires as often is told once as flapping, and folded; or never."""
    inhibited_by: RuleIds | None = None
    """While one of these rules fires, nothing new is told of this one."""
    labels: Annotated[Labels, OrEmpty] = Field(default_factory=dict)
    """Words about it, as 'desk: macro', beside those of the defaults: silences may match them."""
    message: MessageText | None = None
    """What is sent: {what} is replaced by its value, {what|sigma} says how to show it."""


class RulesKeys(Keys):
    """rules.yaml."""

    total_false_alarms: Rate | None = None
    """One budget for all: what rules leave of it goes, in equal parts, to those without their own,
    as 'when: breakdown()'."""
    let: Annotated[dict[str, Annotated[str, forms.SCALAR]], OrEmpty] = Field(default_factory=dict)
    """Values under a name, as 'far: 4 sigma', for conditions and messages."""
    defaults: Annotated[DefaultsKeys, OrEmpty] = DefaultsKeys()
    """What holds for rules that do not say otherwise."""
    rules: Annotated[tuple[RuleKeys, ...], Field(min_length=1)]
    """The rules."""
    silences: tuple[SilenceKeys, ...] = ()
    """When alerts are not told."""
