"""What to do about an error of a function: a table of patterns over its type, message and stack.

Whose words they are is told by the error's own fields: what an author writes into an exception is nobody's pattern.

Each hint is something to type or do; an error that has none gets none. The first row that matches wins, so
the special ones stand before the general ones. ``{1}`` is the first group, ``{dist}`` the distribution
that has the module of the first group, ``{file}`` that module as a path, ``{more}`` twice the number in it.
"""

from __future__ import annotations

import re
from pathlib import Path

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


#: of a process that ended, and of one where it was found what ends it
EXITED = "Return instead of sys.exit(); if nothing exits, the memory may have run out: --memory 1024"
EXITS = "Return instead of {0}()."

#: of a file that was not found, if it is where the notebook is: another one may have never been
BESIDE = "{1} lies beside the notebook and is not in the package: --file {1}"

#: whose words a pattern is for: Function Compute's own, which it says of an error that it made; or those of Python,
#: Node.js and libraries, which begin with the type of an exception. A message of the author's is none of these
FC, CODE = "fc", "code"

HINTS: tuple[tuple[str, str, str], ...] = (
    # the handler and its file
    (
        FC,
        r"Unable to import module '([\w-]+)'\s[\s\S]*No module named '\1'",
        "The handler names the file {1}.py, which is not in the package: set --handler FILE.FUNCTION; "
        "in a ZIP the file stands at the top, not in a folder.",
    ),
    (
        FC,
        r"Unable to import module '(([\w-]+)[./]([\w-]+)[\w./-]*)'\s[\s\S]*No module named '\2(?:\.\3[\w.]*)?'",
        "The handler names the file {file}.py, which is not in the package: put it there with its folder, or set "
        "--handler FILE.FUNCTION.",
    ),
    (FC, r"Invalid handler ", "A handler is written FILE.FUNCTION: --handler index.handler"),
    (
        FC,
        r"Module '/code/([^']+)\.js' is missing",
        "The handler names the file {1}.js, which is not in the package: set --handler FILE.FUNCTION; "
        "in a ZIP the file stands at the top, not in a folder.",
    ),
    (
        FC,
        r"Handler '([^']+)' is missing on module '([^']+)'[\s\S]*has no attribute",
        "Define def {1}(event, context) at the top level of {2}.py, or name the function there is: "
        "--handler {2}.FUNCTION",
    ),
    (
        FC,
        r"Handler '([^']+)' is missing on module '([^']+)'",
        "Export it from {2}.js, exports.{1} = async (event, context) => …, or name the function there is: "
        "--handler {2}.FUNCTION",
    ),
    # the package
    (
        FC,
        r"CAExited[\s\S]*exec format error|Function instance exited unexpectedly ?\(code 8,",
        "Begin the file with the program that runs it: #!/bin/bash or #!/usr/bin/env python3",
    ),
    (
        CODE,
        r"(?:ImportError|OSError|Error): .*(?:wrong ELF class|[Ee]xec format error|invalid ELF header)",
        "Package the library again for linux x86_64.",
    ),
    (
        CODE,
        r"(?:ImportError|OSError|Error): .*version [`']?(GLIBC_[\d.]+)'? not found",
        "The library needs a newer system ({1}): --runtime python3.12, or a manylinux2014 wheel.",
    ),
    (
        CODE,
        r"(?:ModuleNotFoundError|ImportError): [\s\S]*?No module named '([\w.]+)'",
        "{dist} is not in the package: deploy with --requirements {dist}",
    ),
    (
        CODE,
        r"(?:ImportModuleError|Error): Cannot find (?:module|package) '([^'./][^']*)'",
        "{1} is not in the package: npm install {1} in a folder, put index.js beside node_modules, zip what is in "
        "the folder, and %fcdeploy NAME --runtime nodejs20 --code FILE.zip",
    ),
    (
        CODE,
        r"ImportError: cannot import name '(?:asynccontextmanager|Self|override|StrEnum|UTC|TypedDict|Annotated)'",
        "The code needs a newer Python than the runtime has: --runtime python3.12",
    ),
    (CODE, r"ImportError: cannot import name '(\w+)'", "Pin the version of the library that has {1}."),
    (
        FC,
        r"Unable to import[\s\S]*Permission denied",
        "Make the file readable and package it again: chmod 644 FILE",
    ),
    # loading the module
    (
        FC,
        r"Syntax error in module[\s\S]*f-string",
        "Python 3.12 allows more inside an f-string: --runtime python3.12",
    ),
    (
        CODE,
        r"(?:UserCode)?SyntaxError: (?:Cannot use import statement outside a module|Unexpected token 'export')",
        "Call the file index.mjs; a file index.js has require() and exports.",
    ),
    (
        CODE,
        r"ReferenceError: (?:require|exports|module) is not defined in ES module scope",
        "A file with import or export has neither require() nor exports: import x from 'x', export const handler = …",
    ),
    (
        FC,
        r"Syntax error in module",
        "Correct the line, or choose the Python it is written for: --runtime python3.12",
    ),
    (FC, r"UserCodeSyntaxError: ", "Correct the line."),
    (
        CODE,
        r"KeyError: '(\w+)'\n(?:\S*/os\.py|<frozen os>)(?:\s|\Z)",
        "Set the environment variable: --env {1}=VALUE",
    ),
    (
        # a region tells no place of what failed while it was loaded: then the name says it
        FC,
        r"Module initialization error: [\s\S]*\nKeyError: '([A-Z][A-Z0-9_]+)'\s*\Z",
        "Set the environment variable: --env {1}=VALUE",
    ),
    (
        FC,
        r"Module initialization error: [\s\S]*\nKeyError: (.{1,60})(?:\n|\Z)",
        "Code outside of functions runs before any call: put the key there above the line, or ask with .get({1}).",
    ),
    (
        FC,
        r"Module initialization error: ",
        "The code outside of functions failed while it was loaded: move it into the handler, or into an "
        "initializer: --entrypoint index.initialize",
    ),
    # event, context and answer
    (
        CODE,
        r"TypeError: 'FCContext' object is not (?:callable|iterable)"
        r"|(?:TypeError|AttributeError): (?:.*'bytes'|byte indices).*\n[\s\S]*\bstart_response\b",
        "This is a web application as a handler: return {{'statusCode': 200, 'body': …}} from "
        "handler(event, context), or use --runtime custom.debian12",
    ),
    (
        CODE,
        r"TypeError: byte indices must be integers|AttributeError: 'bytes' object has no attribute 'get'"
        r"|TypeError: a bytes-like object is required, not 'str'\n.*\bevent\b",
        "The event comes as bytes; begin with: event = json.loads(event)",
    ),
    (
        CODE,
        r"TypeError: Object of type coroutine is not JSON serializable",
        "A handler is a plain function; inside it: return asyncio.run(main(event))",
    ),
    (
        CODE,
        r"TypeError: Object of type (\w+) is not JSON serializable",
        "Return what JSON has: dict, list, str, int, float, bool or None; convert {1} before, "
        "such as str(value), list(value) or value.item()",
    ),
    (
        CODE,
        r"TypeError: keys must be str, int, float, bool or None"
        r"|TypeError: '<' not supported between instances.*\n\S*/json/encoder\.py(?:\s|\Z)",
        "Give the returned dict keys of one type: {{str(k): v for k, v in value.items()}}",
    ),
    (
        CODE,
        r"AttributeError: 'FCContext' object has no attribute '(?:credentials|service|tracing|requestId)'",
        "The context of python3.12 is smaller: keys are in os.environ['ALIBABA_CLOUD_ACCESS_KEY_ID'] and its "
        "neighbours, the id in context.request_id",
    ),
    (
        # no line of the author's called it
        CODE,
        r"TypeError: .*takes (?:(?:from )?\d+ (?:to \d+ )?positional arguments? but 2 were given"
        r"|0 positional arguments but \d (?:was|were) given)(?:\n(?!/code/).*)*\Z",
        "A handler takes two arguments: def handler(event, context)",
    ),
    (
        FC,
        r"The handler has not answered",
        "Answer with callback(null, value), or make the handler an async function and return the value.",
    ),
    (
        CODE,
        r"TypeError: callback is not a function",
        "A handler gets (event, context, callback), an initializer (context, callback).",
    ),
    # an answer that cannot become an HTTP response
    (
        FC,
        r"the function's headers? ",
        "Return headers as a dict of short texts, each name of letters, digits and -, each value in one line: "
        "{{'Content-Type': 'text/html'}}",
    ),
    (
        FC,
        r"the function's body is ",
        "Return the body as text: {{'statusCode': 200, 'body': json.dumps(value)}}",
    ),
    (FC, r"the function's statusCode is ", "Return a number: {{'statusCode': 200, 'body': …}}"),
    (
        FC,
        r"the function said isBase64Encoded, but its body is not base64",
        "Encode the body: base64.b64encode(raw).decode(), or leave isBase64Encoded out.",
    ),
    # pip, run by the function
    (
        CODE,
        r"\w+: (?:[\s\S]*\n)?ERROR: (?:No matching distribution found for |Can not combine '--user' and '--target')"
        r"|CalledProcessError: .*\bpip3?\b\W+install\b",
        "Let the deployment bring libraries, which says what is wrong with a requirement: --requirements NAME",
    ),
    # the instance
    (
        FC,
        r"[Ff]unction timed out after (\d+) second",
        "Allow more time: --timeout {more}; and give calls to other services a timeout of their own.",
    ),
    (
        FC,
        r"(?:the )?[Ii]nitializ(?:ation|er)(?: failed: Function)? timed out",
        "Do less in the initializer, or more in the handler.",
    ),
    (
        FC,
        r"Too many processes:",
        "Start fewer processes and threads at once, or wait for those that were started.",
    ),
    (
        FC,
        r"The program runs on, and gave no whole answer: what it answered is no HTTP",
        "Let the program answer with HTTP/1.1.",
    ),
    (
        FC,
        r"The program runs on, and gave no whole answer",
        "Answer each request whole before closing its connection; keep idle connections open for 15 minutes.",
    ),
    (
        FC,
        r"Out of memory: |FATAL ERROR: .*out of memory",
        "Give the instance more memory: --memory 1024",
    ),
    (CODE, r"\w*MemoryError\b", "Give the instance more memory: --memory 1024"),
    (
        FC,
        r"The process was ended by signal (?:4|6|7|8|11) ",
        "Native code of a library crashed: take another version of it, --requirements 'NAME==VERSION', or give it "
        "less at once.",
    ),
    (
        FC,
        r"Process exited unexpectedly",
        EXITED,
    ),
    (FC, r"the answer has (?:[\d,]+ bytes|more than)", "Return less, or put it into OSS and return its key."),
    (
        FC,
        r"Invocation canceled by client",
        "If nobody cancelled it: wait longer than the function runs, or call it without waiting.",
    ),
    (CODE, r"FileNotFoundError: \[Errno 2\] No such file or directory: '(\w[^'\s]*)'", BESIDE),
    (CODE, r"OSError: .*(?:\[Errno 30\]|Read-only file system)", "Write below /tmp."),
    # custom runtimes
    (
        FC,
        r"(?:Function instance )?health check failed on port .*The program listens on port (\d+), not on port (\d+)",
        "Let the server listen on 0.0.0.0, port {2}, which it is told in FC_SERVER_PORT.",
    ),
    (
        FC,
        r"(?:Function instance )?health check failed on port (\d+)",
        "Let the server listen on 0.0.0.0, port {1}.",
    ),
    (
        FC,
        r"(?:Failed to start function instance\. Error: the file )?/code/bootstrap is not exist",
        "Name the command that starts the server: --entrypoint 'python3 app.py'",
    ),
    (
        FC,
        r"Function instance exited unexpectedly ?\(code 13,|CAFilePermission",
        "Make it executable and zip it again: chmod 755 bootstrap",
    ),
    (
        FC,
        r"Function instance exited unexpectedly ?\(code 2,",
        "Check the path of the start command; its line ends must be LF.",
    ),
    (FC, r"FunctionNotStarted[\s\S]*connection refused", "Listen first, connect to other services later."),
)


def find(said: str, by_fc: bool) -> str:
    """The hint for an error, or nothing. ``said``: its type and message, then in lines of their own what is known
    besides, and the innermost calls first; ``by_fc``: Function Compute made it. What code of a function raised is
    known by the type that it begins with."""
    found = row(said, by_fc)
    if found and found[0][-1] == BESIDE and not Path(found[1][1]).is_file():
        return ""
    return _filled(found[0][-1], found[1]) if found else ""


def row(said: str, by_fc: bool) -> tuple[tuple[str, str, str], re.Match[str]] | None:
    """The row of the table that an error has, and what it matched."""
    for each in HINTS:
        whose, pattern, _ = each
        begin = r"(?m)^(?:\w+: )?" if whose == FC else r"(?m)^" if by_fc else r"\A"
        match = re.search(f"{begin}(?:{pattern})", said) if by_fc or whose == CODE else None
        if match:
            return each, match
    return None


def _filled(hint: str, match: re.Match[str]) -> str:
    groups = [group for group in match.groups() if group] or [""]
    more = 2 * int(groups[0]) if groups[0].isdigit() else 0
    file = groups[0].replace(".", "/")
    return hint.format(
        "", *groups, "", file=file, dist=distribution(groups[0]), more=min(max(more, 60), 86400)
    )
