"""What to do about an error of a function: a table of patterns over its type, message and stack.

Each hint is something to type or do; an error that has none gets none. The first row that matches wins, so
the special ones stand before the general ones. ``{1}`` is the first group, ``{dist}`` the distribution
that has the module of the first group, ``{more}`` twice the number in it.
"""

from __future__ import annotations

import re

from fc_magic.package.distributions import distribution

#: what a person in a notebook can type about a refusal that has no hint of its own
BY_CODE = {
    "FunctionNotFound": "%fclist shows what is deployed",
    "DeploymentNotFound": "%fclist shows what is deployed",
    "LayerNotFound": "%fclayers shows what is published",
    "LayerVersionNotFound": "%fclayers NAME shows the versions of a layer",
    "ConnectionFailed": "%fctarget shows where functions go",
    "BadResponse": "%fctarget shows where functions go",
}

#: of a refusal whose own hint names operations of the API: the same as magics; ``{0}`` is the function
_TYPED = {
    "AliasNotFound": "%fcalias {0} shows which there are; without one it is what is deployed now",
    "VersionNotFound": "%fcversions {0} shows which there are; without one it is what is deployed now",
}
_FUNCTION = re.compile(r"function '([^']+)' has no (?:alias|version) \S+")


def typed(code: str, message: str) -> str:
    """What a person in a notebook types where the API's hint names an operation."""
    found = _FUNCTION.fullmatch(message)
    return _TYPED[code].format(found[1]) if found and code in _TYPED else ""


#: of a process that ended, and of one whose line that ends it was found
EXITED = "Return instead of sys.exit(); if nothing exits, the memory may have run out: --memory 1024"
EXITS = "Return instead of sys.exit()."

HINTS: tuple[tuple[str, str], ...] = (
    # the handler and its file
    (
        r"Unable to import module '([^']+)'[\s\S]*No module named '\1'",
        "The handler names the file {1}.py, which is not in the package: set --handler FILE.FUNCTION; "
        "in a ZIP the file stands at the top, not in a folder.",
    ),
    (r"InvalidHandleName", "A handler is written FILE.FUNCTION: --handler index.handler"),
    (
        r"ImportModuleError: Module '/code/([^']+)\.js' is missing",
        "The handler names the file {1}.js, which is not in the package: set --handler FILE.FUNCTION; "
        "in a ZIP the file stands at the top, not in a folder.",
    ),
    (
        r"HandlerNotFound[\s\S]*Handler '([^']+)' is missing on module '([^']+)'[\s\S]*has no attribute",
        "Define def {1}(event, context) at the top level of {2}.py, or name the function there is: "
        "--handler {2}.FUNCTION",
    ),
    (
        r"HandlerNotFound[\s\S]*Handler '([^']+)' is missing on module '([^']+)'",
        "Export it from {2}.js, exports.{1} = async (event, context) => …, or name the function there is: "
        "--handler {2}.FUNCTION",
    ),
    # the package
    (
        r"(?:CAExited|with start command)[\s\S]*exec format error",
        "Begin the file with the program that runs it: #!/bin/bash or #!/usr/bin/env python3",
    ),
    (
        r"wrong ELF class|[Ee]xec format error|invalid ELF header",
        "Package the library again for linux x86_64.",
    ),
    (
        r"version [`']?(GLIBC_[\d.]+)'? not found",
        "The library needs a newer system ({1}): --runtime python3.12, or a manylinux2014 wheel.",
    ),
    (
        r"No module named '([\w.]+)'",
        "{dist} is not in the package: deploy with --requirements {dist}",
    ),
    (
        r"Cannot find (?:module|package) '([^'./][^']*)'",
        "{1} is not in the package: npm install {1} in a folder, put index.js beside node_modules, zip what is in "
        "the folder, and %fcdeploy NAME --runtime nodejs20 --code FILE.zip",
    ),
    (
        r"cannot import name '(?:asynccontextmanager|Self|override|StrEnum|UTC|TypedDict|Annotated)'",
        "The code needs a newer Python than the runtime has: --runtime python3.12",
    ),
    (r"ImportError: cannot import name '(\w+)'", "Pin the version of the library that has {1}."),
    (
        r"Unable to import[\s\S]*Permission denied",
        "Make the file readable and package it again: chmod 644 FILE",
    ),
    # loading the module
    (
        r"UserCodeSyntaxError[\s\S]*f-string",
        "Python 3.12 allows more inside an f-string: --runtime python3.12",
    ),
    (
        r"Cannot use import statement outside a module|Unexpected token 'export'",
        "Call the file index.mjs; a file index.js has require() and exports.",
    ),
    (
        r"(?:require|exports|module) is not defined in ES module scope",
        "A file with import or export has neither require() nor exports: import x from 'x', export const handler = …",
    ),
    (r"UserCodeSyntaxError(?!: Syntax error in module)", "Correct the line."),
    (
        r"UserCodeSyntaxError",
        "Correct the line, or choose the Python it is written for: --runtime python3.12",
    ),
    (
        # a region tells no place of what failed while it was loaded: then the name says it
        r"KeyError: '(\w+)'[\s\S]*(?:os\.environ|os\.py|<frozen os>)"
        r"|UserCodeError[\s\S]*KeyError: '([A-Z][A-Z0-9_]+)'\s*\Z",
        "Set the environment variable: --env {1}=VALUE",
    ),
    (
        r"UserCodeError[\s\S]*\nKeyError: (.{1,60})(?:\n|\Z)",
        "Code outside of functions runs before any call: put the key there above the line, or ask with .get({1}).",
    ),
    (
        r"UserCodeError",
        "The code outside of functions failed while it was loaded: move it into the handler, or into an "
        "initializer: --entrypoint index.initialize",
    ),
    # event, context and answer
    (
        r"byte indices must be integers|'bytes' object has no attribute 'get'"
        r"|a bytes-like object is required, not 'str'[\s\S]*event",
        "The event comes as bytes; begin with: event = json.loads(event)",
    ),
    (
        r"Object of type coroutine is not JSON serializable",
        "A handler is a plain function; inside it: return asyncio.run(main(event))",
    ),
    (
        r"Object of type (\w+) is not JSON serializable",
        "Return what JSON has: dict, list, str, int, float, bool or None; convert {1} before, "
        "such as str(value), list(value) or value.item()",
    ),
    (
        r"keys must be str, int, float, bool or None|'<' not supported between instances[\s\S]*json/encoder",
        "Give the returned dict keys of one type: {{str(k): v for k, v in value.items()}}",
    ),
    (
        r"'FCContext' object has no attribute '(?:credentials|service|tracing|requestId)'",
        "The context of python3.12 is smaller: keys are in os.environ['ALIBABA_CLOUD_ACCESS_KEY_ID'] and its "
        "neighbours, the id in context.request_id",
    ),
    (
        r"'FCContext' object is not (?:callable|iterable)|start_response",
        "This is a web application as a handler: return {{'statusCode': 200, 'body': …}} from "
        "handler(event, context), or use --runtime custom.debian12",
    ),
    (
        r"takes (?:from )?\d+ (?:to \d+ )?positional arguments? but 2 were given"
        r"|takes 0 positional arguments but \d were given",
        "A handler takes two arguments: def handler(event, context)",
    ),
    (
        r"The handler has not answered",
        "Answer with callback(null, value), or make the handler an async function and return the value.",
    ),
    (
        r"callback is not a function",
        "A handler gets (event, context, callback), an initializer (context, callback).",
    ),
    # an answer that cannot become an HTTP response
    (
        r"BadResponse[\s\S]*the function's headers? ",
        "Return headers as a dict of short texts, each name of letters, digits and -, each value in one line: "
        "{{'Content-Type': 'text/html'}}",
    ),
    (
        r"BadResponse[\s\S]*the function's body is ",
        "Return the body as text: {{'statusCode': 200, 'body': json.dumps(value)}}",
    ),
    (r"BadResponse[\s\S]*the function's statusCode is ", "Return a number: {{'statusCode': 200, 'body': …}}"),
    (
        r"BadResponse[\s\S]*is not base64",
        "Encode the body: base64.b64encode(raw).decode(), or leave isBase64Encoded out.",
    ),
    # pip, run by the function
    (
        r"No matching distribution found|Can not combine '--user' and '--target'"
        r"|CalledProcessError: [\s\S]*\bpip3?\b\W+install\b",
        "Let the deployment bring libraries, which says what is wrong with a requirement: --requirements NAME",
    ),
    # the instance
    (
        r"[Ff]unction timed out after (\d+) second",
        "Allow more time: --timeout {more}; and give calls to other services a timeout of their own.",
    ),
    (
        r"Initialization timed out|[Ii]nitializer.*timed out",
        "Do less in the initializer, or more in the handler.",
    ),
    (
        r"Too many processes:",
        "Start fewer processes and threads at once, or wait for those that were started.",
    ),
    (
        r"The program runs on, and gave no whole answer: what it answered is no HTTP",
        "Let the program answer with HTTP/1.1.",
    ),
    (
        r"The program runs on, and gave no whole answer",
        "Answer each request whole before closing its connection; keep idle connections open for 15 minutes.",
    ),
    (r"MemoryError|[Oo]ut of memory|OOM", "Give the instance more memory: --memory 1024"),
    (
        r"was ended by signal (?:4|6|7|8|11) ",
        "Native code of a library crashed: take another version of it, --requirements 'NAME==VERSION', or give it "
        "less at once.",
    ),
    (
        r"Process exited unexpectedly",
        EXITED,
    ),
    (r"Invocation canceled by client", "Wait longer than the function runs, or call it without waiting."),
    (r"Read-only file system|Errno 30", "Write below /tmp."),
    # custom runtimes
    (
        r"The program listens on port (\d+), not on port (\d+)",
        "Let the server listen on 0.0.0.0, port {2}, which it is told in FC_SERVER_PORT.",
    ),
    (r"health check failed on port (\d+)", "Let the server listen on 0.0.0.0, port {1}."),
    (
        r"/code/bootstrap is not exist",
        "Name the command that starts the server: --entrypoint 'python3 app.py'",
    ),
    (
        r"code 13, message:permission denied|CAFilePermission",
        "Make it executable and zip it again: chmod 755 bootstrap",
    ),
    (
        r"code 2, message:no such file or directory",
        "Check the path of the start command; its line ends must be LF.",
    ),
    (r"FunctionNotStarted[\s\S]*connection refused", "Listen first, connect to other services later."),
)


def find(said: str) -> str:
    """The hint for an error, or nothing. ``said``: its type, message and stack, as one text."""
    for pattern, hint in HINTS:
        match = re.search(pattern, said)
        if match:
            return _filled(hint, match)
    return ""


def _filled(hint: str, match: re.Match[str]) -> str:
    groups = [group for group in match.groups() if group] or [""]
    more = 2 * int(groups[0]) if groups[0].isdigit() else 0
    return hint.format("", *groups, "", dist=distribution(groups[0]), more=min(max(more, 60), 86400))
