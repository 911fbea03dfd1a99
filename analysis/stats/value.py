"""The value: a number with everything that will be asked of it before a reader sees it.

A value is made once, where it is counted, and travels whole: how many people it is of, how far
chance would carry it, what it rests on, how certain it is, and whether it may go out. What
isn't known or isn't filled yet is an empty slot, never a number that looks like one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from statsmodels.stats.proportion import proportion_confint

from analysis.words import Text

KINDS = ("count", "share", "mean", "difference", "ratio", "p", "effect")
ORIGINS = ("", "printed", "derived", "pictured", "unpublished")
"""What a value rests on, the firmest first: real answers, print, what print alone allows; and where people are
invented, what presumably stands in a figure that nobody here could read, and what nobody published. The last two
aren't known."""
KNOWN = ("", "printed", "derived")
"""The origins of which a number may be shown."""
STATES = ("", "released", "hidden")
"""Whether a value may go out: not judged yet, released, held back."""
CONFIDENCE = 0.95


class NotKnownError(ValueError):
    """A number was asked of a value that has none to give."""


@dataclass(frozen=True)
class Value:
    """A number, what it is, and what is known about it.

    Parameters
    ----------
    kind
        One of `KINDS`. A share lies between 0 and 1, and so do p and a difference of shares.
    number
        The number itself; None where it isn't known (`absent` says why).
    unit
        What it counts or is measured in, such as `people`, `share`, `points` or `years`; free for means.
    n, of
        The people it is about and the people they are part of, as plain numbers; `count` and
        `base` give them as values. None where it isn't about a part of people.
    low, high
        The interval that chance alone would give, in the unit of the number.
    least, most
        The range that is possible whatever isn't known, in the unit of the number.
    weighted_count, effective_base
        The same two with weights; None on an unweighted wave.
    origin
        One of `ORIGINS`.
    reliability
        `reliable`, `review` or `unreliable` (`stats.reliability`); blank where that isn't judged.
    release
        One of `STATES`; `stats.release` is the one door that changes it.
    step, near
        Where only that is shown of it: what the number, and the people it is part of, are rounded to.
    bound
        Of answers of people: up to how many people a number is held back and a word stands for it.
    instead
        What is said where the number itself is held back: of a count its share.
    label
        What it is about, in every language.
    absent
        Why there is no number: a reason of `words.SIGNS`, or of `words.HELD` where it is held back.
    decimals
        How many are written; None leaves it to the kind.

    Examples
    --------
    >>> yes = Value("share", 0.25, "share", n=1, of=4, origin="printed")
    >>> float(yes), int(yes.count), int(yes.base)
    (0.25, 1, 4)
    >>> others = 1 - yes
    >>> others.share, others.n, others.origin
    (0.75, 3, 'derived')
    """

    kind: str
    number: float | None
    unit: str = ""
    n: int | None = None
    of: int | None = None
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
    weighted_count: float | None = None
    effective_base: float | None = None
    origin: str = ""
    reliability: str = ""
    release: str = ""
    step: float | None = None
    near: int | None = None
    bound: int | None = None
    instead: Value | None = None
    label: Text | None = None
    absent: str = "not_calculable"
    decimals: int | None = None

    def __post_init__(self):
        for slot, allowed in (("kind", KINDS), ("origin", ORIGINS), ("release", STATES)):
            if getattr(self, slot) not in allowed:
                raise ValueError(f'{slot} "{getattr(self, slot)}" is not one of {", ".join(allowed)}')

    @property
    def known(self) -> bool:
        """Whether there is a number, and it isn't held back."""
        return self.number is not None and not math.isnan(self.number) and self.release != "hidden"

    @property
    def count(self) -> Value:
        """How many people it is of, as a value; where that is held back its share stands for it."""
        if self.release and self.n is None:
            ends = [None if end is None or self.of is None else end * self.of for end in (self.least, self.most)]
            return Value("count", None, "people", of=self.of, near=self.near, release="hidden", bound=self.bound,
                         absent=self.absent if self.release == "hidden" else "withheld", label=self.label,
                         least=ends[0], most=ends[1], origin=self.origin,
                         instead=self if self.known and ends[0] is None else None)  # fmt: skip
        return self._of_people(self.n)

    @property
    def base(self) -> Value:
        """How many people they are part of, as a value: a base is known where the answers are not."""
        if self.of is None and (self.near or self.origin):
            absent = "unpublished" if self.origin else "few"
            return Value("count", None, "people", release="hidden", absent=absent, bound=self.bound, label=self.label)
        shown = self.of is not None and (self.bound is not None or self.origin not in KNOWN)
        release = "released" if shown else self.release
        return replace(self._of_people(self.of), origin="", step=self.near, release=release)

    @property
    def share(self) -> float | None:
        """The share that it is, between 0 and 1; None where it is none."""
        if self.kind == "share":
            return self.number
        return self.n / self.of if self.n is not None and self.of else None

    @property
    def interval(self) -> Interval:
        """Its interval, to be said or shown as one."""
        return Interval(self)

    @property
    def range(self) -> Span:
        """The range that is possible, to be said or shown as one."""
        return Span(self)

    def rounded(self, decimals: int) -> Value:
        """The same value, to be written with so many decimals."""
        return replace(self, decimals=decimals)

    def _of_people(self, number: int | None) -> Value:
        return Value("count", number, "people", n=number, of=self.of, origin=self.origin, release=self.release,
                     label=self.label)  # fmt: skip

    # --- plain numbers ---------------------------------------------------------------------------

    def __float__(self) -> float:
        if self.release == "hidden" and self.absent in ORIGINS:
            raise NotKnownError(
                f"this {self.kind} isn't known, for the people here are invented ({self.absent}), so no number can be "
                "made of it. Put the value itself in the sentence or the table: words stand in its place there."
            )
        if self.release == "hidden":
            raise NotKnownError(
                f"this {self.kind} is held back, so that nobody can be recognised, and no number can be made of it. "
                "Put the value itself in the sentence or the table: a word stands in its place there."
            )
        if not self.known:
            raise NotKnownError(
                f"this {self.kind} isn't known ({self.absent}), so there is no number to go on with. "
                "Ask `value.known` first, or put the value itself in the sentence: its sign stands there."
            )
        return float(self.number or 0)

    def __int__(self) -> int:
        return int(float(self))

    def __lt__(self, other: Value | float) -> bool:
        return float(self) < float(other)

    def __gt__(self, other: Value | float) -> bool:
        return float(self) > float(other)

    def __le__(self, other: Value | float) -> bool:
        return float(self) <= float(other)

    def __ge__(self, other: Value | float) -> bool:
        return float(self) >= float(other)

    # --- arithmetic ------------------------------------------------------------------------------

    def __add__(self, other: Value | float) -> Value:
        return self._made(other, lambda a, b: a + b, self.kind)

    __radd__ = __add__

    def __sub__(self, other: Value | float) -> Value:
        apart = self.kind in ("share", "mean") and isinstance(other, Value)
        return self._made(other, lambda a, b: a - b, "difference" if apart else self.kind)

    def __rsub__(self, other: float) -> Value:
        if self.kind == "share" and other == 1:  # everybody else
            low, high, least, most = (
                None if bound is None else 1 - bound for bound in (self.high, self.low, self.most, self.least)
            )
            others = None if self.n is None or self.of is None else self.of - self.n
            made = self._made(other, lambda a, b: b - a, "share")
            absent = {"few": "all_but_few", "all_but_few": "few"}.get(self.absent, made.absent)
            return replace(made, n=others, of=self.of, low=low, high=high, least=least, most=most, absent=absent,
                           step=self.step, near=self.near, bound=self.bound)  # fmt: skip
        return self._made(other, lambda a, b: b - a, self.kind)

    def __mul__(self, other: Value | float) -> Value:
        return self._made(other, lambda a, b: a * b, "ratio" if isinstance(other, Value) else self.kind)

    __rmul__ = __mul__

    def __truediv__(self, other: Value | float) -> Value:
        if isinstance(other, Value) and self.kind == other.kind == "count":
            return self._part_of(other)
        divide = lambda a, b: a / b if b else math.nan  # noqa: E731
        return self._made(other, divide, "ratio" if isinstance(other, Value) else self.kind)

    def __rtruediv__(self, other: float) -> Value:
        return self._made(other, lambda a, b: b / a if a else math.nan, "ratio")

    def _part_of(self, whole: Value) -> Value:
        """Divide people by people: a share with its base, where the one can be part of the other."""
        if self.instead and self.instead.of and whole.known:  # what is shown of the people, as far as that says it
            share = self.instead * (self.instead.of / float(whole))
            return replace(share, kind="share", unit="share", decimals=0)
        made = self._made(whole, lambda a, b: a / b if b else math.nan, "ratio")
        if not made.known or self > whole:
            return made
        low, high = proportion_confint(float(self), float(whole), alpha=1 - CONFIDENCE, method="wilson")
        return replace(made, kind="share", unit="share", n=int(self), of=int(whole), low=float(low), high=float(high))

    def _made(self, other: Value | float, compute: Callable[[float, float], float], kind: str) -> Value:
        """Compute with another value or a plain number: of the weakest origin and the strictest release."""
        parts = [self, *([other] if isinstance(other, Value) else [])]
        hidden = any(part.release == "hidden" for part in parts)
        unknown = next((part for part in parts if part.number is None or math.isnan(part.number)), None)
        a, b = self.number, other.number if isinstance(other, Value) else other
        number = math.nan if a is None or b is None else compute(a, b)
        same = kind == self.kind and (not isinstance(other, Value) or other.unit == self.unit)
        unit = self.unit if same else "points" if kind == "difference" and self.kind == "share" else self.unit
        return Value(
            kind, None if math.isnan(number) else number, unit if kind != "ratio" else "",
            origin=computed(part.origin for part in parts), release=strictest(part.release for part in parts),
            absent=_hidden(parts) if hidden else unknown.absent if unknown else "not_calculable",
            decimals=self.decimals if same else 0 if any(part.step for part in parts) else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Interval:
    """The interval of a value, where it is shown or said apart from it."""

    of: Value


@dataclass(frozen=True)
class Span:
    """The range that a value can be in, whatever isn't known, where it is shown or said apart from it."""

    of: Value


def strictest(states: Iterable[str]) -> str:
    """Say what may become of a result: held back if anything in it is, let out only if all of it was."""
    found = set(states)
    return "hidden" if "hidden" in found else "" if "" in found else "released"


def _hidden(parts: list[Value]) -> str:
    """Say why what is made of hidden parts is hidden: the kind of what isn't known, or that it is withheld."""
    unknown = [part.absent for part in parts if part.release == "hidden" and part.absent in ORIGINS]
    return weakest(unknown) if unknown else "withheld"


def weakest(origins: Iterable[str]) -> str:
    """Say what a result rests on at its weakest, blank on a real wave."""
    return max(set(origins) | {""}, key=ORIGINS.index)


def computed(origins: Iterable[str]) -> str:
    """Say what is computed of values rests on: of printed numbers it is derived, for it isn't printed itself."""
    return weakest(origins).replace("printed", "derived")
