"""Everything that can go wrong, in one tree; it knows neither HTTP nor notebooks.

    FcError
    ├── UsageError                 the line, an option or a setting is wrong
    ├── CellError                  this cell cannot become a function
    │   ├── EmptyCell
    │   ├── CellSyntaxError
    │   ├── HandlerMissing
    │   ├── PreflightFailed        it would fail on Function Compute; each finding is a problem
    │   └── SliceRefused           a name that it needs from the notebook cannot go with it
    ├── PackageError               the code cannot be packed or unpacked
    ├── ConnectionFailed           the endpoint gave no (whole) answer
    ├── ServerStartFailed          the embedded Function Compute did not start
    ├── FunctionError              the function ran and failed; carries the Invocation
    ├── CallsFailed                some of many calls; carries the Results
    └── ApiError                   a refusal, as the API spells it: Code, Message, RequestId, Details
        ├── InvalidArgument, MissingRequiredHeader, PathNotSupported, EntityTooLarge, NotSupported   400
        ├── AdditionalVersionContainsMajorVersion, LimitExceededError   400
        ├── AccessDenied           403
        │   ├── InvalidAccessKeyID
        │   └── SignatureNotMatch
        ├── FunctionNotFound       404
        │   └── DeploymentNotFound
        ├── VersionNotFound, AliasNotFound, TriggerNotFound, LayerNotFound, LayerVersionNotFound   404
        ├── DomainNameNotFound, AsyncConfigNotExists, OnDemandConfigNotFound, AsyncTaskNotFound   404
        ├── RequestTimeout         408
        ├── FunctionAlreadyExists   409
        │   └── DeploymentAlreadyExists
        ├── TriggerAlreadyExists, AliasAlreadyExists, DomainNameAlreadyExists, ConcurrentUpdateError   409
        ├── AsyncTaskAlreadyExists, ProvisionConfigExist, ResidentScalingConfigExists   409
        ├── AsyncInvocationStopped   412
        ├── ResourceExhausted      429
        └── InternalServerError (500), BadResponse (502), ResourceThrottled (503)

Each class has its ``code`` (Function Compute's own word where there is one), its HTTP ``status``
where it travels, and a ``hint``: something one can type or do next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from fc_magic.wire.results import Invocation

    Presenter = Callable[["FcError | Interrupted"], list[str]]


@dataclass(frozen=True)
class Problem:
    """One wrong value: which field, what was given, what is wrong, what is allowed, what to give instead."""

    field: str
    problem: str
    allowed: str = ""
    given: str = ""
    hint: str = ""

    def __str__(self) -> str:
        given = f" {self.given}" if self.given else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.field}{given}: {self.problem}{allowed}"


class FcError(Exception):
    """The root. ``message`` says what happened; ``hint`` what to do; ``request_id`` where one exists."""

    code: ClassVar[str] = "FcError"
    status: ClassVar[int] = 0
    #: whether what was asked for may have been carried out all the same
    maybe_done: bool = False
    #: seconds after which the endpoint wants to be asked again; 0 if it did not say
    retry_after: float = 0.0
    #: Set by the notebook side: shows an error as a card, returns a short traceback. The front door may have one.
    presenter: ClassVar[Presenter | None] = getattr(sys.modules.get("fc_magic"), "_presenter", None)

    def __init__(
        self, message: str, *, hint: str = "", request_id: str = "", problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id
        self.problems: tuple[Problem, ...] = tuple(problems)
        #: the request that ran the cell under which a front end has its card: who raises it again shows it again
        self.shown_in: str | None = None

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The whole message as text: sentence, problems, hint, code and request id."""
        out = [self.message, *self.problem_lines()]
        if self.hint:
            out.append(self.hint)
        if self.request_id:
            out.append(f"{self.code} · request {self.request_id}")
        return out

    def problem_lines(self) -> list[str]:
        rows = [(f"{p.field} {p.given}".strip(), _sentence(p), p.hint) for p in self.problems]
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
        return [f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]

    def _render_traceback_(self) -> list[str]:
        """IPython's own door: the lines shown under a failed cell, without frames of ours."""
        if FcError.presenter is not None:
            return FcError.presenter(self)
        # as one piece: some of IPython's modes (%xmode Plain) put nothing between the pieces
        return ["\n".join([f"{type(self).__name__}: {self.message}", *self.lines()[1:]])]


def _sentence(problem: Problem) -> str:
    return f"{problem.problem.rstrip('.')}: {problem.allowed}" if problem.allowed else problem.problem


class UsageError(FcError):
    code = "UsageError"


class CellError(FcError):
    code = "CellError"


class EmptyCell(CellError):
    code = "EmptyCell"


class CellSyntaxError(CellError):
    code = "CellSyntaxError"


class PreflightFailed(CellError):
    """Raised for the files of a folder or a ZIP as well."""

    code = "PreflightFailed"


class HandlerMissing(CellError):
    code = "HandlerMissing"


class SliceRefused(CellError):
    """``problems`` has each name of the notebook that cannot go, where it is used, and why not."""

    code = "SliceRefused"


class PackageError(FcError):
    code = "PackageError"


class ConnectionFailed(FcError):
    code = "ConnectionFailed"


class ServerStartFailed(FcError):
    code = "ServerStartFailed"


class FunctionError(FcError):
    """The function was called and failed. ``invocation`` has its payload, log, duration and request id."""

    code = "FunctionError"

    def __init__(self, invocation: Invocation, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, request_id=invocation.request_id)
        self.invocation = invocation

    def __reduce__(self) -> tuple[Any, ...]:
        # an exception is made anew from its args, and here the message is not the first
        return type(self), (self.invocation, self.message), vars(self)


class CallsFailed(FcError):
    """Of the calls of a map some failed, or were not made. ``results`` has all that came."""

    code = "CallsFailed"

    def __init__(self, message: str, *, results: Any = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.results = results

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), vars(self)


class ApiError(FcError):
    """A refusal by an endpoint, or by our own server on its way to one. Unknown codes stay ``ApiError``."""

    code = "ApiError"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        request_id: str = "",
        problems: Iterable[Problem] = (),
        code: str = "",
        status: int = 0,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id, problems=problems)
        self.code = code or type(self).code  # type: ignore[misc]
        self.status = status or type(self).status  # type: ignore[misc]


class InvalidArgument(ApiError):
    code, status = "InvalidArgument", 400


class MissingRequiredHeader(ApiError):
    code, status = "MissingRequiredHeader", 400


class PathNotSupported(ApiError):
    code, status = "PathNotSupported", 400


class EntityTooLarge(ApiError):
    code, status = "EntityTooLarge", 400


class NotSupported(ApiError):
    """Valid for Function Compute, but the embedded one cannot do it (yet)."""

    code, status = "NotSupported", 400


class AdditionalVersionContainsMajorVersion(ApiError):
    code, status = "AdditionalVersionContainsMajorVersion", 400


class LimitExceededError(ApiError):
    code, status = "LimitExceededError", 400


class AccessDenied(ApiError):
    code, status = "AccessDenied", 403


class InvalidAccessKeyID(AccessDenied):
    code, status = "InvalidAccessKeyID", 403


class SignatureNotMatch(AccessDenied):
    code, status = "SignatureNotMatch", 403


class FunctionNotFound(ApiError):
    code, status = "FunctionNotFound", 404


class DeploymentNotFound(FunctionNotFound):
    code, status = "DeploymentNotFound", 404


class VersionNotFound(ApiError):
    code, status = "VersionNotFound", 404


class AliasNotFound(ApiError):
    code, status = "AliasNotFound", 404


class TriggerNotFound(ApiError):
    code, status = "TriggerNotFound", 404


class LayerNotFound(ApiError):
    code, status = "LayerNotFound", 404


class LayerVersionNotFound(ApiError):
    code, status = "LayerVersionNotFound", 404


class DomainNameNotFound(ApiError):
    code, status = "DomainNameNotFound", 404


class AsyncConfigNotExists(ApiError):
    code, status = "AsyncConfigNotExists", 404


class OnDemandConfigNotFound(ApiError):
    code, status = "OnDemandConfigNotFound", 404


class AsyncTaskNotFound(ApiError):
    #: UNCONFIRMED: no source names FC's code
    code, status = "AsyncTaskNotFound", 404


class RequestTimeout(ApiError):
    code, status = "RequestTimeout", 408


class FunctionAlreadyExists(ApiError):
    code, status = "FunctionAlreadyExists", 409


class DeploymentAlreadyExists(FunctionAlreadyExists):
    code, status = "DeploymentAlreadyExists", 409


class TriggerAlreadyExists(ApiError):
    code, status = "TriggerAlreadyExists", 409


class AliasAlreadyExists(ApiError):
    code, status = "AliasAlreadyExists", 409


class DomainNameAlreadyExists(ApiError):
    code, status = "DomainNameAlreadyExists", 409


class ConcurrentUpdateError(ApiError):
    code, status = "ConcurrentUpdateError", 409


class ProvisionConfigExist(ApiError):
    code, status = "ProvisionConfigExist", 409


class ResidentScalingConfigExists(ApiError):
    code, status = "ResidentScalingConfigExists", 409


class AsyncTaskAlreadyExists(ApiError):
    #: UNCONFIRMED: neither the code nor the status of FC is documented
    code, status = "AsyncTaskAlreadyExists", 409


class AsyncInvocationStopped(ApiError):
    code, status = "AsyncInvocationStopped", 412


class ResourceExhausted(ApiError):
    code, status = "ResourceExhausted", 429


class InternalServerError(ApiError):
    code, status = "InternalServerError", 500


class BadResponse(ApiError):
    code, status = "BadResponse", 502


class ResourceThrottled(ApiError):
    code, status = "ResourceThrottled", 503


class Interrupted(KeyboardInterrupt):
    """A person interrupted a call. It ends what Ctrl-C ends, so it is no FcError that a loop could swallow.
    ``results`` has what came of a map until then."""

    def __init__(self, message: str = "", *, results: Any = None) -> None:
        super().__init__(message)
        self.results = results
        self.shown_in: str | None = None

    def _render_traceback_(self) -> list[str]:
        if FcError.presenter is not None:
            return FcError.presenter(self)
        return [f"KeyboardInterrupt: {self}"]


def _tree(root: type[FcError]) -> Iterable[type[FcError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


#: code -> class, for both ends of the wire.
BY_CODE: dict[str, type[FcError]] = {cls.code: cls for cls in _tree(FcError)}


def api_error(code: str, status: int, message: str, request_id: str, details: Sequence[Any]) -> ApiError:
    """The exception for a refusal that came over the wire (body and status of any FC dialect)."""
    cls = BY_CODE.get(code)
    kind = cls if cls is not None and issubclass(cls, ApiError) else ApiError
    found = [_problem(detail) for detail in details]
    return kind(message, code=code, status=status, request_id=request_id, problems=found)


def _problem(detail: Any) -> Problem:
    row = detail if isinstance(detail, dict) else {"field": "", "problem": str(detail)}
    return Problem(**{n: str(row.get(n) or "") for n in ("field", "problem", "allowed", "given", "hint")})
