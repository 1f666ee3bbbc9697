"""What a statistic found: the figure that is judged, and those shown beside it."""

from __future__ import annotations

import msgspec

from daemon.claims.data import Data
from daemon.claims.estimate import Estimate
from daemon.study.aligned import Floats, Ints


class Row(msgspec.Struct, frozen=True):
    """A figure that is shown and not judged."""

    label: str
    estimate: Estimate | None
    note: str = ""


class Path(msgspec.Struct, frozen=True):
    """A market's way from a low: by day (since 1970-01-01), how far above it, as a fraction."""

    label: str
    days: Ints
    above: Floats


class Finding(msgspec.Struct, frozen=True):
    """`estimate` is what is judged; None where `lacking` says what that would need.

    With a `doubt`, something else would give a supporting figure too: it can refute only.
    """

    estimate: Estimate | None
    basis: str
    rows: tuple[Row, ...] = ()
    note: str = ""
    lacking: str = ""
    doubt: str = ""
    paths: tuple[Path, ...] = ()


class Statistic(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="statistic",
    forbid_unknown_fields=True,
):
    """What is measured, and of what: the fields are those of `test:` in the file of claims."""

    def measure(self, data: Data) -> Finding:
        """What the data say; MissingError where they do not suffice."""
        raise NotImplementedError

    @property
    def measured(self) -> str:
        """The statistic's name, as the file of claims has it."""
        tag = type(self).__struct_config__.tag
        return str(tag).replace("-", " ")
