"""What came of many calls: values, errors, and the times that tell how it went."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from fc_magic.errors import CallsFailed, FcError

if TYPE_CHECKING:
    from fc_magic.client.fanout.mapping import Source


@dataclass(frozen=True)
class Outcome:
    """What came of one event: ``value``, or ``error``. ``index`` counts the events from 0."""

    index: int
    event: Any
    result: Any = None
    error: FcError | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def value(self) -> Any:
        """Raises the error if it failed."""
        if self.error is not None:
            raise self.error
        return self.result

    def __repr__(self) -> str:
        said = f"error={self.error.message!r}" if self.error else f"value={self.result!r}"
        return f"<{self.index}: {said}>"


class _Missing:
    """Of an event that no value came for."""

    def __repr__(self) -> str:
        return "no value"


MISSING: Any = _Missing()


class Call(NamedTuple):
    """How long one took: seconds from the start until it was sent, and until it was answered; milliseconds that its
    instance worked, and that it took to start."""

    began: float
    ended: float
    worked_ms: float
    cold_ms: float
    failed: bool


@dataclass(repr=False)
class Times(Sequence[Call]):
    """A row for each call that was answered, in the order of the answers; kept as columns, since there may be a
    million."""

    #: in full: what a call took is their difference, also after hours
    began: array[float] = field(default_factory=lambda: array("d"))
    ended: array[float] = field(default_factory=lambda: array("d"))
    worked_ms: array[float] = field(default_factory=lambda: array("f"))
    cold_ms: array[float] = field(default_factory=lambda: array("f"))
    failed: bytearray = field(default_factory=bytearray)

    def add(self, began: float, ended: float, worked_ms: float, cold_ms: float, failed: bool) -> None:
        self.began.append(began)
        self.ended.append(ended)
        self.worked_ms.append(worked_ms)
        self.cold_ms.append(cold_ms)
        self.failed.append(failed)

    def __len__(self) -> int:
        return len(self.began)

    @overload
    def __getitem__(self, at: int) -> Call: ...
    @overload
    def __getitem__(self, at: slice) -> list[Call]: ...
    def __getitem__(self, at: int | slice) -> Call | list[Call]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        # these columns keep seven digits: those behind them are none of the measured time
        worked, cold = (float(f"{column[at]:.7g}") for column in (self.worked_ms, self.cold_ms))
        return Call(self.began[at], self.ended[at], worked, cold, bool(self.failed[at]))

    def __repr__(self) -> str:
        p50, p95 = (f"{self.quantile(share):.1f} ms" for share in (0.5, 0.95))
        return f"<times of {len(self):,} calls: p50 {p50}, p95 {p95}>"

    def to_frame(self) -> Any:
        """A pandas DataFrame with a row for each call."""
        import pandas

        return pandas.DataFrame(list(self), columns=list(Call._fields))

    def took_ms(self) -> list[float]:
        """From sent to answered, the shortest first."""
        return sorted((end - begin) * 1000 for begin, end in zip(self.began, self.ended, strict=True))

    def quantile(self, share: float) -> float:
        took = self.took_ms()
        return took[min(int(len(took) * share), len(took) - 1)] if took else 0.0


class Results(Sequence[Any]):
    """The values of a map in the order of its events, or as they came if that was asked for.

    ``results[0]``, a slice and a loop give values, and raise CallsFailed where one is missing; ``values(default)``
    puts something in its place. ``errors`` has what failed, ``retry()`` calls that again, and what was not yet.
    """

    def __init__(self, name: str, target: str = "", total: int | None = None, ordered: bool = True) -> None:
        """``total``: of events, if it is known."""
        self.function, self.target, self.total, self.ordered = name, target, total, ordered
        self.errors: list[Outcome] = []
        #: what was sent, and cancelled before it was answered: an interrupt, or too many errors
        self.cancelled: list[Outcome] = []
        #: why it ended before all events were called, in a sentence
        self.stopped = ""
        self.times = Times()
        self.seconds = 0.0
        #: how often a call was made once more
        self.repeated = 0
        #: events that were refused here, and no call
        self.unsent = 0
        #: the most calls at once
        self.at_once = 0
        #: MB, vCPU and MB of disk of the function, for its price
        self.memory_mb, self.cpu, self.disk_mb = 0, 0.0, 0
        #: which event a value is of, where values are in the order in which they came
        self.indexes = array("q")
        self.labels: Any = None
        self._values: list[Any] = []
        #: the events that were not called yet
        self.rest: Source | None = None
        self._again: Callable[[Results, dict[str, Any]], Results] | None = None

    # ------------------------------------------------------------ made

    def put(self, index: int, value: Any) -> None:
        values = self._values
        if not self.ordered:
            self.indexes.append(index)
            values.append(value)
        elif index == len(values):
            values.append(value)
        else:
            if index > len(values):
                values.extend([MISSING] * (index + 1 - len(values)))
            values[index] = value

    def fail(self, outcome: Outcome) -> None:
        self.errors.append(outcome)
        if self.ordered and outcome.index >= len(self._values):
            self.put(outcome.index, MISSING)

    def missing(self) -> int | None:
        """How many values are still to come, if that is known."""
        return None if self.total is None else self.total - self.present()

    def present(self) -> int:
        return sum(value is not MISSING for value in self._values)

    # ------------------------------------------------------------ values

    def __len__(self) -> int:
        """Of all events up to the last that was answered; of values alone, if they are in the order they came."""
        return len(self._values)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        found = self._values[at]
        if found is MISSING:
            place = operator.index(at)  # type: ignore[arg-type]
            index = place if place >= 0 else len(self) + place
            known = next((one.error for one in self.errors if one.index == index), None)
            raise known or self.failed()
        if isinstance(at, slice) and any(one is MISSING for one in found):
            raise self.failed()
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())

    def __contains__(self, value: object) -> bool:
        return value in self._values

    def values(self, default: Any = MISSING) -> list[Any]:
        """All values; ``default`` where there is none. Raises CallsFailed if there is no default."""
        if default is MISSING:
            if not self.ok:
                raise self.failed()
            return list(self._values)
        return [default if one is MISSING else one for one in self._values]

    def failed(self) -> CallsFailed:
        """The error that says what is missing."""
        return CallsFailed(self.sentence(), results=self, hint="look at .errors, .values(None), .retry()")

    def sentence(self) -> str:
        total = len(self.times) + self.unsent
        parts = []
        if self.errors:
            parts.append(f"{len(self.errors):,} of {total:,} calls of {self.function} failed")
        if self.stopped:
            parts.append(self.stopped)
        if not parts:
            parts.append(f"{len(self.cancelled):,} calls of {self.function} were cancelled")
        return "; ".join(parts)

    @property
    def ok(self) -> bool:
        return not (self.errors or self.cancelled or self.stopped or self.present() < len(self))

    def retry(self, **how: Any) -> Results:
        """Once more what failed, was cancelled or not called yet; the values that are there stay. ``how`` as ``map``
        has it."""
        if self._again is None:
            raise CallsFailed("these results do not know their function any more", results=self)
        return self._again(self, how)

    def to_frame(self) -> Any:
        """A pandas DataFrame with a row for each event: the keys of values that are dicts as columns, else ``value``;
        and ``error`` if any failed, or ``call_error`` if the function has an ``error`` of its own. Its index is that
        of the DataFrame or Series that the events were, of as many of them as were called; else it counts the
        events."""
        import pandas

        values, places = self.values(None), list(range(len(self)))
        if not self.ordered:  # what failed has no place among the values
            failed = [one.index for one in self.errors]
            values, places = values + [None] * len(failed), [*self.indexes, *failed]
        if {type(one) for one in values if one is not None} == {dict}:
            columns = list(dict.fromkeys(key for one in values if one for key in one))
            rows = [[(one or {}).get(key) for key in columns] for one in values]
            frame = pandas.DataFrame(rows, columns=columns)
        else:
            frame = pandas.DataFrame({"value": pandas.Series(values, dtype=None if values else object)})
        if self.errors:
            said = {one.index: one.error.message for one in self.errors if one.error}
            name = "error"
            while name in frame.columns:
                name = f"call_{name}"
            frame[name] = [said.get(index) for index in places]
        if self.labels is not None and max(places, default=-1) < len(self.labels):
            frame.index = self.labels.take(places)
        elif not self.ordered:
            frame.index = pandas.Index(places)
        return frame

    # ------------------------------------------------------------ numbers

    @property
    def cold_starts(self) -> int:
        return sum(ms > 0 for ms in self.times.cold_ms)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0

    @property
    def p50_ms(self) -> float:
        return self.times.quantile(0.5)

    @property
    def p95_ms(self) -> float:
        return self.times.quantile(0.95)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_again": None, "rest": None}

    def __reduce__(self) -> Any:
        return _restored, (self.__getstate__(),)

    def __repr__(self) -> str:
        return f"<{len(self)} results of {self.function}, {len(self.errors)} errors>"


def _restored(state: dict[str, Any]) -> Results:
    made = Results(state["function"])
    made.__dict__.update(state)
    # the mark of a missing value is known by what it is
    made._values = [MISSING if isinstance(one, _Missing) else one for one in made._values]
    return made
