"""Where requests to functions come in: who may call is asked first, the same for every kind of function."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import FcError, FunctionNotFound
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.gateway import cors, event, later, passing
from fc_magic.server.gateway.admission import Admission, check_open
from fc_magic.server.gateway.call import Call
from fc_magic.server.routes import own_trigger
from fc_magic.wire.results import Function
from fc_magic.wire.runtimes import is_custom
from fc_magic.wire.triggers import METHODS, Http
from fc_magic.wire.wording import clipped

#: FC forces "attachment" on its default domains, so that a browser downloads what it cannot show there. /fn/NAME/ is
#: to be looked at, as at a custom domain: "" forces nothing
DISPOSITION_OF_OWN_URL = ""


class _Rest(Convertor[str]):
    """The rest of a path, whatever it is: starlette's own ``path`` stops at an encoded line end."""

    regex = r"(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("rest", _Rest())


class Gateway:
    def __init__(self, engine: Engine, verifier: Verifier) -> None:
        self.engine = engine
        self._admission = Admission(verifier)

    def routes(self) -> list[Route]:
        methods = list(METHODS)
        return [
            http.route("/fn/{name}", http.answering(self.by_name), methods=methods),
            http.route("/fn/{name}/{path:rest}", http.answering(self.by_name), methods=methods),
        ]

    async def by_name(self, request: Request) -> Response:
        """``/fn/NAME/…``, or ``/fn/NAME.QUALIFIER/…``: the function sees what follows its name."""
        name, _, qualifier = request.path_params["name"].partition(".")
        function = self.engine.current(name)
        trigger = own_trigger(function.triggers, qualifier)
        if trigger is None:
            hint = 'deploy it with the trigger {"type": "http"}'
            which = f" of {clipped(qualifier)}" if qualifier else ""
            raise FunctionNotFound(f"function '{name}' has no http trigger{which}", hint=hint)
        raw = request.scope["raw_path"].decode("latin-1")
        _, _, _, *rest = raw.split("/", 3)
        query = request.scope["query_string"]
        response = await self._serve(request, function, trigger, "/" + "".join(rest), query, own_url=True)
        if DISPOSITION_OF_OWN_URL:
            response.headers["Content-Disposition"] = DISPOSITION_OF_OWN_URL
        return response

    async def by_host(self, request: Request) -> Response:
        """The host and path of a trigger's ``url``, or a custom domain's: the function sees the path as it came, or
        as its route rewrites it."""
        host, raw_path = http.host_name(request.scope), request.scope["raw_path"].decode("latin-1")
        found = self.engine.by_host(host, unquote(raw_path))
        if found is None:
            raise FunctionNotFound(f"no function answers at {clipped(f'http://{host}{raw_path}')}")
        function, route = found
        seen = route.seen(raw_path, request.scope["query_string"])
        return await self._serve(request, function, route.trigger, *seen, asked=raw_path)

    async def _serve(
        self,
        request: Request,
        function: Function,
        trigger: Http,
        raw_path: str,
        raw_query: bytes,
        own_url: bool = False,
        asked: str = "",
    ) -> Response:
        headers = list(request.scope["headers"])
        call = Call(request, function, trigger, raw_path, headers, raw_query, asked=asked)
        try:
            check_open(trigger, own_url)
            response = cors.preflight(request, trigger) or await self._answer(call)
        except FcError as error:
            # a page can read why it was refused
            response = http.refuse(error, request.state.request_id)
        cors.allow(request, response, trigger)
        return response

    async def _answer(self, call: Call) -> Response:
        """Lets the call in, and hands it to what answers for its kind of function, once the body is there: the
        function may be another one by then."""
        await self._admission.admit(call)
        self._resolve(call)
        if later.is_wanted(call) or not is_custom(call.function.runtime) or passing.is_small(call):
            await call.body()
        self._resolve(call)
        if later.is_wanted(call):
            return await later.answer(self.engine, call)
        answer = passing.answer if is_custom(call.function.runtime) else event.answer
        return await answer(self.engine, call)

    def _resolve(self, call: Call) -> None:
        """What serves the call, by the qualifier of its trigger."""
        call.live = self.engine.resolve(call.function.name, call.trigger.qualifier)
        call.function = call.live.function
