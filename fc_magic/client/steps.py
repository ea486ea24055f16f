"""A deployment of one or several calls: what is done and what is not, told when one of them fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from fc_magic.errors import ApiError, ConnectionFailed, FcError, Interrupted

AGAIN = "{verb} it again: what is done is not done twice"


class Steps:
    """``with steps.telling():`` around all of it, and in it ``with steps.step("trigger web"): …`` for each; an error
    that comes out says where things stand. Of a deployment that is ``one_call`` a refusal says so itself."""

    def __init__(self, name: str, verb: str = "deploy", *, one_call: bool = False) -> None:
        self._name, self._verb, self._one_call = name, verb, one_call
        self.done: list[str] = []
        #: what is still to come, as far as it is known
        self.ahead: list[str] = []
        self._now, self._kept = "", ""

    @contextlib.contextmanager
    def step(self, what: str, kept: str = "") -> Iterator[None]:
        """``what`` is to be done, such as ``create trigger web``; ``kept`` what still holds if it is not."""
        self._now, self._kept = what, kept
        self.ahead = [step for step in self.ahead if step != what]
        yield
        self.done.append(what)
        self._now, self._kept = "", ""

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        try:
            yield
        except FcError as error:
            unknown = error.maybe_done and bool(self._now)
            if self.done or not _is_plain(error) or (self._kept and not self._one_call):
                error.message = f"{error.message.rstrip('.')}. {self._state(unknown)}"
                error.args = (error.message,)
                if "again" not in error.hint:
                    again = AGAIN.format(verb=self._verb)
                    error.hint = f"{error.hint}; then {again}" if error.hint else again
            raise
        except KeyboardInterrupt:
            again = AGAIN.format(verb=self._verb)
            raise Interrupted(f"{self._name} was interrupted. {self._state(True)}. {again}") from None

    def _state(self, unknown: bool) -> str:
        said = [f"done: {', '.join(self.done)}"] if self.done else []
        if self._now and unknown:
            said.append(f"not known whether it is done: {self._now}")
            said += [f"not done: {', '.join(self.ahead)}"] if self.ahead else []
        elif self._now:
            said += [
                f"not done: {', '.join([self._now, *self.ahead])}",
                *([self._kept] if self._kept else []),
            ]
        return f"{self._name}: {'; '.join(said) or 'nothing is changed'}"


def _is_plain(error: FcError) -> bool:
    """Whether it is a refusal, which was not carried out."""
    if isinstance(error, ApiError):
        return error.status < 500 and error.status != 429
    return not isinstance(error, ConnectionFailed)
