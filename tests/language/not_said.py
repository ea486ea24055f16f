"""What looks like a sentence and is none that a person reads in the notebook, each with its reason; and what is said
that no literal has whole."""

from __future__ import annotations

#: rooms whose sentences are read
ROOMS = ("notebook", "client", "package", "slicing", "preflight", "export", "wire", "server")
ROOMS += ("config.py", "origins.py", "cli.py", "errors.py", "__init__.py")

#: file or folder -> why nothing in it is shown
SKIPPED = {
    "notebook/form/look.py": "CSS",
    "notebook/completion/shapes.py": "what completion makes of a value",
    "slicing/effects.py": "names of functions",
    "slicing/static/known.py": "names of functions",
    "slicing/values/loaders.py": "source that goes with a function",
    "wire/images.py": "names of distributions",
    "wire/standard_library.py": "names of modules",
    "wire/oss_signature.py": "names of OSS, and what it says to its clients",
    "wire/region_names.py": "names of regions as Alibaba Cloud writes them",
    "client/fanout/lanes.py": "heads of requests; its errors are those of a connection, which are retried",
    "server/objects": "OSS answers its clients, in OSS's words",
    "server/fc3": "answers to calls that no magic makes",
    "server/gateway": "answers to callers of URLs",
    "server/worker/bootstrap.py": "the runtime's words, which are FC's",
    "server/tables.py": "SQL",
    "server/published.py": "SQL",
    "server/configs.py": "SQL",
    "server/queue.py": "SQL, and what the log of a task says",
    "server/store.py": "SQL, and lines of the server's log",
    "server/facts.py": "SQL",
    "server/tags.py": "SQL",
    "server/tallies.py": "SQL",
    "server/tasks.py": "SQL",
    "server/lines.py": "lines of a log as FC writes them",
    "server/worker/limits.py": "the runtime's words, which are FC's: zh/fc.py has them",
    "server/worker/landlock.py": "reasons in the server's log",
    "server/worker/notify.py": "reasons in the server's log",
    "server/worker/sandbox.py": "reasons in the server's log",
    "server/worker/web.py": "what the runtime says of a program that ended, which is FC's",
    "server/tokens.py": "answers to callers of URLs",
}

_NAMES = "names of modules, functions or magics"
_PATTERN = "a pattern, or the begin of a text, that something is recognized by"
_PYTHON = "what Python says, as it says it"
_PICKLE = "a TypeError of a program that pickles a secret"
_LOG = "a line of the server's log"
_WIRE = "a word of a protocol"
_PART = "a part of sentences, each of which is there as a whole"
_TYPED = "what is typed"

#: file -> template -> why it has no Chinese; "*" stands for all of a file's that contain what follows
NOT_SAID: dict[str, dict[str, str]] = {
    "notebook/cell.py": {"event, context": _TYPED},
    "notebook/display.py": {"no card for {0}": "a mistake of ours"},
    "notebook/failures/dumps.py": {"Dumping stack trace after function timeout": _PATTERN},
    "notebook/build.py": {", 1 setting": _PART, ", {0} settings": _PART},
    "notebook/failures/failures.py": {"exit status": _PATTERN},
    "notebook/form/written.py": {"name {0}": _PART},
    "notebook/line/values.py": {"--env {0}=VALUE · export {1}=…": _TYPED},
    "notebook/forms.py": {'exports.handler = async (event, context) => "hello";': _TYPED},
    "notebook/functions.py": {"%%fcdeploy hello": _TYPED},
    "notebook/failures/hints.py": {
        "Invalid handler ": _PATTERN,
        "Syntax error in module": _PATTERN,
        "Module initialization error: ": _PATTERN,
        "the function's headers? ": _PATTERN,
        "the function's body is ": _PATTERN,
        "the function's statusCode is ": _PATTERN,
        "the function said isBase64Encoded, but its body is not base64": _PATTERN,
        "Out of memory: |FATAL ERROR: .*out of memory": _PATTERN,
        "Too many processes:": _PATTERN,
        "The program runs on, and gave no whole answer: what it answered is no HTTP": _PATTERN,
        "The program runs on, and gave no whole answer": _PATTERN,
        "Function instance exited unexpectedly ?\\(code 13,|CAFilePermission": _PATTERN,
        "Function instance exited unexpectedly ?\\(code 2,": _PATTERN,
        "Invocation canceled by client": _PATTERN,
        "TypeError: Object of type coroutine is not JSON serializable": _PATTERN,
        "TypeError: callback is not a function": _PATTERN,
    },
    "notebook/html.py": {"* .fcm-card": "CSS"},
    "notebook/failures/kept_cells.py": {"{0}, cell {1}": _PATTERN},
    "notebook/line/grammar.py": {"the line": _PART},
    "notebook/running.py": {
        "was not deployed": _PART,
        "was not run": _PART,
        " What ran before still runs.": _PART,
        "deploys it": _PART,
        "runs it": _PART,
    },
    "notebook/version_cards.py": {"%fcalias {0} prod --version {1}": _TYPED},
    "client/advice.py": {
        "service is not enabled for current user": _PATTERN,
        "Role is required": _PATTERN,
        "No permission to access the logstore": _PATTERN,
        "user is not exist|USER_NOT_EXIST": _PATTERN,
    },
    "client/download.py": {"the last attempt returns or raises": "a mistake of ours"},
    "client/failing.py": {
        "Unexpected end of JSON input": _PATTERN,
        "{0}… {1} more characters in .invocation.error": "an exception of the function's own",
        "{0}: {1}… {2} more characters in .invocation.error": "an exception of the function's own",
    },
    "client/keys.py": {"a key is not pickled": _PICKLE},
    "client/loopback.py": {"Accept-Encoding: identity": _WIRE},
    "client/objects.py": {"an access key is not pickled: ask the client where it is needed": _PICKLE},
    "client/profile.py": {"a profile has keys, and is not pickled": _PICKLE},
    "client/refusals.py": {"message": _WIRE},
    "client/target.py": {"an access key is not pickled: connect where it is needed": _PICKLE},
    "package/index.py": {
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
        "text/html;q=0.1": _WIRE
    },
    "package/obtaining.py": {
        "--locked: there is no  beside the notebook": "a form that its condition rules out",
        " and {0} more": _PART,
        ": {0} and {1} more": _PART,
        "python_version == '{0}' and sys_platform == 'linux' and platform_machine == 'x86_64'": _WIRE,
    },
    "package/lock.py": {"* # Written by fc-magic": "a comment of a file"},
    "package/refusals.py": {
        "^No solution found when resolving dependencies:? ?": _PATTERN,
        r",?( and you require [^,]*,)? we can conclude that your requirements are unsatisfiable\.?$": _PATTERN,
        " ({0} needs it)": _PART,
        "unexpected argument": _PATTERN,
        "no version of|was not found|not found in the": _PATTERN,
        "you require|conclude that|incompatible": _PATTERN,
        "{0} is of {1}": _PATTERN,
    },
    "package/wanted.py": {"name @ https://…/name-1.0-….whl": _TYPED},
    "slicing/closures.py": {"{0}return {1}": _TYPED},
    "slicing/classes.py": {"if True:\n{0}": _TYPED},
    "slicing/refusal.py": {", or leave it out: --exclude {0}": _PART},
    "slicing/shipping.py": {"module {0}: ": "a form that its condition rules out"},
    "slicing/states.py": {", and {0} more": _PART},
    "slicing/static/compose.py": {"deploy from the notebook, where it is known{0}": _PART},
    "slicing/static/effects.py": {"@import {0}": _NAMES},
    "slicing/static/slicer.py": {"abs all any max min round sum pow divmod open slice": _NAMES},
    "slicing/static/statements.py": {
        "timeit prun memit lprun mprun time": _NAMES,
        "bash sh script html HTML javascript js latex markdown svg SVG perl ruby pypy python python2 python3 "
        "writefile file system sx ! cmd capture": _NAMES,
        "* matplotlib load_ext": _NAMES,
    },
    "slicing/surroundings.py": {"; --env {0}=VALUE sets it": _PART},
    "slicing/values/refusals.py": {
        "a value is refused for what it leads to": "a mistake of ours",
        "'s key": _TYPED,
        "'s item": _TYPED,
    },
    "slicing/values/words.py": {
        "{0} {1} of {2}": "a comment in the source that goes along",
        "column": "a comment in the source that goes along",
        "row": "a comment in the source that goes along",
        "{0} {1}ies": "a comment in the source that goes along",
    },
    "slicing/values/writer.py": {"a constant": "a note in the source that goes along"},
    "preflight/api.py": {
        "correlation covariance linear_regression": _NAMES,
        "FlagBoundary ReprEnum StrEnum global_enum member nonmember verify": _NAMES,
        "Barrier Runner TaskGroup timeout timeout_at": _NAMES,
        "cbrt exp2": _NAMES,
        "TypeAliasType override": _NAMES,
        "kde kde_random": _NAMES,
        "decodestring encodestring": _NAMES,
        "formatargspec getargspec": _NAMES,
        "cannot import name '{0}' from '{1}'": _PYTHON,
    },
    "preflight/binaries.py": {
        "exec format error": _PYTHON,
        "code 13, message:permission denied": _PATTERN,
        "code 2, message:no such file or directory": _PATTERN,
    },
    "preflight/effects.py": {
        "delete get head options patch post put request stream": _NAMES,
        "tmp mnt opt proc sys etc dev usr var run lib lib64": _NAMES,
    },
    "preflight/finding.py": {"* ": "the table of README, which its test compares"},
    "preflight/handlers.py": {
        "* positional argument": _PYTHON,
        "* required {1} argument": _PYTHON,
        "missing {0}": _PYTHON,
        "{0}, and {1}": _PYTHON,
        "{0} and {1}": _PYTHON,
    },
    "package/distributions.py": {"* aiohttp arrow": _NAMES},
    "preflight/modules.py": {"No module named '{0}'": _PYTHON},
    "preflight/names.py": {"name '{0}' is not defined": _PYTHON, "* basestring": _NAMES},
    "preflight/shadows.py": {"* argparse array": _NAMES},
    "wire/trigger_advice.py": {"@every {0}{1}": _TYPED},
    "export/body.py": {"--to json": _TYPED, "%fcdeploy {0} --code {{place}}": _TYPED},
    "export/curl.py": {"ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=… sh {0}": _TYPED},
    "export/sdk.py": {"* @NAME@": "source of a script"},
    "export/terraform.py": {'resource "alicloud_fcv3_trigger" {0}': _TYPED},
    "wire/async_config.py": {"acs:fc:REGION:ACCOUNT:functions/NAME": _TYPED},
    "wire/schedule.py": {'; with seconds first it is "0 {0}"': _PART},
    "wire/v2.py": {"1 setting needs": _PART, "{0} settings need": _PART},
    "wire/wording.py": {"; and {0} more": _PART},
    "server/app.py": {"pid is not a process id": "an answer to a program"},
    "server/layers.py": {"layer, version, answer, code, compiled": "SQL"},
    "server/data_folder.py": {
        "Function Compute is ready at": "a line that programs read",
        "Object store at": "a line that programs read",
    },
    "server/serve.py": {
        "no kernel for %g s: stopping": _LOG,
    },
    "server/triggers/asynchronous.py": {
        "asynchronous calls cannot be read": _LOG,
        "a fault of the server": _PART,
    },
    "server/unpack.py": {"paths of {0} bytes and {1} folders": _PART, "method {0}": _PART},
    "server/worker/commands.py": {
        "in the package": _PART,
        "on PATH": _PART,
        "there is no , which {0} names as its interpreter": "a form that its condition rules out",
    },
    "server/worker/connection.py": {
        "the connection is closed": _LOG,
        "it changed the protocol, which nobody asked for": "it is part of what FC is made to say",
    },
    "server/worker/forkserver.py": {"fork server": "a name of a part"},
    "server/worker/listeners.py": {"{0} (process {1})": "a name of a program"},
    "server/worker/runtimes.py": {
        "FunctionCompute python3 runtime inited.": "a line of a log as FC writes it",
        "FunctionCompute custom runtime inited.": "a line of a log as FC writes it",
    },
    "config.py": {
        "settings that have a secret are not pickled; load them where they are needed": _PICKLE,
        "* [a-z0-9]": _PATTERN,
        " is {0}, which": _PART,
    },
    "origins.py": {'target = "local"': _TYPED},
    "errors.py": {
        "{0} · request {1}": "the text of an error for programs; it is shown in columns",
        "; allowed: {0}": "the text of a problem for programs; it is shown in columns",
        "{0} {1}: {2}; allowed: {3}": "the text of a problem for programs; it is shown in columns",
        "{0}: {1}; allowed: {2}": "the text of a problem for programs; it is shown in columns",
    },
    "__init__.py": {"module 'fc_magic' has no attribute {0}": _PYTHON},
}

#: what is said and no literal has whole -> where it is made
COMPOSED = {
    "{0} (warning)": "preflight/finding.py",
    "{0} was not run: 1 setting needs attention": "notebook/running.py",
    "{0} was not run: {1} settings need attention": "notebook/running.py",
    "{0} was not run: {1}": "notebook/running.py",
    "Nothing was sent. --force runs it all the same.": "notebook/running.py",
    **dict.fromkeys(
        (
            "write def handler(event, context): … below the %%fcrun line",
            "write a program that serves HTTP on 0.0.0.0:9000 below the %%fcrun line",
            "write exports.handler = async (event, context) => … below the %%fcrun line",
        ),
        "notebook/running.py",
    ),
    "{0}: {1}": "Problem.allowed behind Problem.problem, and many more",
    "{0}: {1} {2}": "wire/triggers.py: what is wrong with the config of a trigger",
    "{0}, {1}": "notebook/logs.py",
    "{0}, ": "notebook/functions.py",
    ", ": "notebook/target.py",
    " ": "notebook/plan/card.py",
    "{0} CNY": "wire/prices.py: an amount",
    "thumbnails for the shop": "notebook/form/parts.py: an example, without the quotes of a line",
    **dict.fromkeys(
        ("{0} must be {1}", "{0} is not text", "{0} has more than {1}"),
        "wire/wording.py: behind the name of a key",
    ),
    "a whole number from 1, or latest": "wire/spec.py",
    "{0} ({1} needs it)": "package/refusals.py",
    **dict.fromkeys(
        (
            "{0} has no wheel for {1}; there are {2}",
            "{0} has no wheel for {1}; there are {2} and {3} more",
            "{0} has no wheel for {1}; it is for Python {2}",
            "{0} has no wheel for {1}, only source ({2})",
        ),
        "package/refusals.py",
    ),
    "{0}. {1}": "client/steps.py",
    "{0}; {1}": "client/steps.py, preflight/finding.py",
    "deploy {0}; triggers and addresses that it does not name are removed": "client/client.py",
    "{0}; and {1} more": "wire/wording.py",
    "{0} of {1} calls of {2} failed; {3}": "client/fanout/results.py",
    "{1}, Cell In[{0}]": "notebook/failures/kept_cells.py",
    "{1}, cell {0}": "notebook/failures/kept_cells.py",
    "--force: deployed in spite of {0}": "preflight/finding.py",
    "--force: would be deployed in spite of {0}": "preflight/finding.py",
    "would not be deployed without --force: {0}": "preflight/finding.py",
    "{0} setting": "notebook/build.py",
    "{0} settings": "notebook/build.py",
    "{0} warning": "preflight/finding.py",
    "{0} warnings": "preflight/finding.py",
    "compute it inside of the function, bring it with --file or --env, or leave it out: --exclude {0}": (
        "slicing/refusal.py"
    ),
    "deploy from the notebook, where it is known": "slicing/static/compose.py",
    "deploy from the notebook, where it is known, or leave it out: --exclude {0}": "slicing/static/compose.py",
    "{0} of {1} item": "slicing/values/words.py",
    "{0} of {1} items": "slicing/values/words.py",
    "if it is pure Python: pip wheel --no-deps {0} -w dist, then UV_FIND_LINKS=dist": "package/refusals.py",
    "public or account or internal": "config.py: what a setting may be",
    "v2 or fc3": "config.py: what a setting may be",
    "en or zh": "config.py: what a setting may be",
}
#: single words that stand in a sentence, or in a column -> where
WORDS = {
    **dict.fromkeys(("deploy", "put it back"), "client/steps.py: the verb of what is done again"),
    **dict.fromkeys(("created", "updated"), "wire: {0} was not created"),
    **dict.fromkeys(("resolving", "fetching"), "package: what a step does"),
    "needs": "preflight/binaries.py",
    **dict.fromkeys(
        ("second", "minute", "hour", "day", "month", "weekday"), "wire/schedule.py: a part of a schedule"
    ),
    **dict.fromkeys(("idle", "busy", "starting", "draining"), "server: what an instance does"),
    **dict.fromkeys(("text", "digits"), "config.py: what a setting may be"),
    **dict.fromkeys(
        ("account", "region", "endpoint", "will"), "notebook/agreement.py: what a person agrees to"
    ),
    **dict.fromkeys(("default", "option"), "config.py: where a setting came from"),
}
#: Chinese that has no Chinese signs: names of code, and units
LATIN = {
    "the ZIP",
    "api {0}",
    "url {0}{1}",
    "function, {0}",
    "anonymous, function, jwt, bearer",
    "a property",
    "a mock",
    "a t-string",
    "{0} min {1} s",
}
#: what argparse says
ARGPARSE = (
    "the following arguments are required: {0}",
    "unrecognized arguments: {0}",
    "argument {0}: {1}",
    "expected one argument",
    "invalid choice: {0} (choose from {1})",
    "invalid int value: {0}",
    "invalid seconds value: {0}",
    "invalid count value: {0}",
    "usage: ",
)


def is_said(template: str, place: str) -> bool:
    """Whether a template that was found at ``path:line`` is for a person."""
    listed = NOT_SAID.get(place.rpartition(":")[0], {})
    parts = [key.removeprefix("*").lstrip() for key in listed if key.startswith("*")]
    return template not in listed and not any(part in template for part in parts)
