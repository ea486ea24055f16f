"""``fc-magic``: a second door to the same rooms. Options, then one call."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from fc_magic import __version__, connect
from fc_magic.config import APIS, MOST, Settings
from fc_magic.errors import FcError, UsageError
from fc_magic.language import choice
from fc_magic.language.speech import say, translated

#: each is a process with descriptors of its own
MOST_INSTANCES = 10_000
#: as a shell has it for what Ctrl-C ended
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 done, 1 refused or failed, 2 used wrongly, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    _speak()
    options = _parser(words).parse_args(words)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # who reads has had enough, as `head`; Python would say so once more at its end
        sys.stdout = None
        return 0
    except FcError as error:
        print(f"fc-magic: {_told(error)}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt as error:
        print(f"fc-magic: {translated(str(error) or 'interrupted')}", file=sys.stderr)
        return INTERRUPTED


def _speak() -> None:
    """In the language of the settings; what is wrong with them is said by the command that needs them."""
    try:
        choice.use(Settings.load().lang)
    except FcError:
        choice.use("")


def _told(error: FcError) -> str:
    """The whole error; another language has its columns from the card, which knows wide characters."""
    if choice.current() == "en":
        return str(error)
    from fc_magic.notebook import display

    return display.text(error)


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("usage: ") if prefix is None else prefix)

    def format_help(self) -> str:
        """Headings end in the colon that the usage has."""
        colon = say("usage: ").rstrip()[-1]
        return re.sub(r"^(\S+):$", rf"\1{colon}", super().format_help(), flags=re.MULTILINE)


class _Parser(argparse.ArgumentParser):
    """One that speaks the language of the settings: what argparse says by itself is English."""

    def __init__(self, add_help: bool = True, **given: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Help, **given)
        self._positionals.title, self._optionals.title = say("arguments"), say("options")
        if add_help:
            self.add_argument("-h", "--help", action="help", help=say("show this help"))

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {say('error: {0}', translated(message))}\n")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="fc-magic", description=say("From a notebook cell to a running function.")
    )
    parser.add_argument(
        "--version", action="version", version=f"fc-magic {__version__}", help=say("show the version")
    )
    commands = parser.add_subparsers(title=say("commands"), required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_deploy(commands)
    _add_export(commands, "export" in words)
    _add_pull(commands)
    stop = commands.add_parser(
        "stop", help=say("end the one that runs for a data folder"), description=say(_STOP)
    )
    stop.add_argument("--data", metavar="DIR", help=say("folder of its state (default: FC_MAGIC_HOME)"))
    stop.set_defaults(run=_stop)
    _add_target(commands)
    return parser


def _add_target(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    target = commands.add_parser("target", help=say("show where functions go"), description=say(_TARGET))
    target.add_argument("target", nargs="?", help=say("local, a region such as cn-hangzhou, or a URL"))
    target.add_argument("--api", choices=APIS, help=say("dialect (default: v2, of a region fc3)"))
    target.set_defaults(run=_target)


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve", help=say("run the embedded Function Compute"), description=say(_SERVE)
    )
    serve.add_argument(
        "--host", type=address, default="127.0.0.1", help=say("address to listen on (default 127.0.0.1)")
    )
    serve.add_argument("--port", type=int, default=0, help=say("port, 0 for a free one (default)"))
    serve.add_argument(
        "--object-port",
        type=int,
        default=0,
        metavar="N",
        help=say("port of the object store, 0 for a free one (default)"),
    )
    serve.add_argument("--data", metavar="DIR", help=say("folder for its state (default: FC_MAGIC_HOME)"))
    serve.add_argument("--region", help=say("region it plays (default: FC_MAGIC_REGION, else cn-hangzhou)"))
    serve.add_argument("--account-id", metavar="N", help=say("account it plays (default 1234567890123456)"))
    serve.add_argument("--access-key-id", metavar="AK", help=say("an access key it accepts beside its own"))
    serve.add_argument(
        "--access-key-secret", metavar="SK", help=say("its secret; better from the environment")
    )
    serve.add_argument(
        "--idle-stop",
        type=seconds,
        default=0.0,
        metavar="S",
        help=say("end S seconds after the last kernel (default: never)"),
    )
    serve.add_argument(
        "--instances",
        type=count,
        default=100,
        metavar="N",
        help=say("instances at once, in all (default 100)"),
    )
    serve.add_argument(
        "--instances-per-function",
        type=count,
        default=0,
        metavar="N",
        help=say("instances at once of one function (default: nine tenths of all)"),
    )
    serve.add_argument(
        "--instance-wait",
        type=seconds,
        default=30.0,
        metavar="S",
        help=say("how long a call waits for one before it is refused (default 30)"),
    )
    serve.add_argument(
        "--instance-idle",
        type=seconds,
        default=300.0,
        metavar="S",
        help=say("how long one is kept that nobody calls (default 300)"),
    )
    serve.add_argument(
        "--start-limit",
        type=seconds,
        default=120.0,
        metavar="S",
        help=say("seconds until the program of a custom runtime must listen (default 120)"),
    )
    serve.set_defaults(run=_serve)


def _add_deploy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    # its options are those of the magic, which reads them itself: to argparse all of them are words
    deploy = commands.add_parser(
        "deploy", help=say("deploy the cells of a notebook file"), add_help=False, prefix_chars="\0"
    )
    deploy.add_argument("words", nargs="*", metavar="NOTEBOOK [NAME …] [options]")
    deploy.set_defaults(run=_deploy)


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser], is_meant: bool = True) -> None:
    export = commands.add_parser(
        "export", help=say("write a function as files of another tool"), description=say(_EXPORT)
    )
    if not is_meant:
        return  # a server that starts need not wait for what makes the files
    from fc_magic.export.kinds import KINDS

    kinds = "; ".join(f"{name}: {translated(kind.help)}" for name, kind in KINDS.items())
    export.add_argument("name", metavar="NAME")
    export.add_argument("--to", required=True, choices=list(KINDS), metavar="KIND", help=kinds)
    export.add_argument("--out", default="", metavar="PATH", help=say("the folder or file they go to"))
    _add_common(export)
    export.set_defaults(run=_export)


def _add_pull(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    pull = commands.add_parser(
        "pull", help=say("print the cell that deploys a live function"), description=say(_PULL)
    )
    pull.add_argument("name", metavar="NAME")
    pull.add_argument(
        "--out", default="", metavar="DIR", help=say("the folder of code that has several files")
    )
    _add_common(pull)
    pull.set_defaults(run=_pull)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--force", action="store_true", help=say("write over files that are there"))
    command.add_argument(
        "--with-secrets", action="store_true", help=say("write values that look secret, too")
    )
    command.add_argument(
        "--target", help=say("local, a region or a URL (default: FC_MAGIC_TARGET, else local)")
    )
    command.add_argument("--api", choices=APIS, help=say("dialect (default: v2, of a region fc3)"))


_EXPORT = "Writes a function, as it is deployed, as files of another tool. Notes go to standard error."


_PULL = "Prints the cell that deploys a live function with its real settings. Notes go to standard error."


_SERVE = (
    "Runs until SIGTERM. Keys also from FC_MAGIC_ACCESS_KEY_ID and FC_MAGIC_ACCESS_KEY_SECRET, else "
    "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET."
)


_TARGET = "Shows where functions go, as whom, and where each setting came from."
_STOP = "Ends the embedded Function Compute of a data folder. What was deployed stays in the folder."


def seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0 to {MOST}")
    return number


def count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_INSTANCES:
        raise argparse.ArgumentTypeError(f"{text} is not a number of instances from 1 to {MOST_INSTANCES}")
    return number


def address(text: str) -> str:
    if not text:
        # the system takes "" for every address of this machine
        raise argparse.ArgumentTypeError("it is empty; leave it out for 127.0.0.1")
    return text


def _serve(options: argparse.Namespace) -> int:
    from pathlib import Path

    from fc_magic.server.serve import ACCOUNT_ID, Options, serve

    settings = Settings.load(
        home=options.data,
        region=options.region,
        account_id=options.account_id,
    )
    # a key that a file has is for the cloud
    keys = Settings.load(
        os.environ, access_key_id=options.access_key_id, access_key_secret=options.access_key_secret
    )
    if bool(keys.access_key_id) != bool(keys.access_key_secret):
        raise UsageError(
            "an access key is an id and a secret, and only one of them was given",
            hint="give both or none: --access-key-id AK, and its secret in FC_MAGIC_ACCESS_KEY_SECRET",
        )
    return serve(
        Options(
            data=Path(settings.folder).resolve(),
            host=options.host,
            port=options.port,
            object_port=options.object_port,
            region=settings.region,
            account_id=settings.account_id or ACCOUNT_ID,
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            idle_stop=options.idle_stop,
            instances=options.instances,
            instances_per_function=options.instances_per_function,
            instance_wait=options.instance_wait,
            instance_idle=options.instance_idle,
            start_limit=options.start_limit,
        )
    )


def _deploy(options: argparse.Namespace) -> int:
    from fc_magic.notebook.deploying import deploy

    deploy(options.words, connect, print)
    return 0


def _export(options: argparse.Namespace) -> int:
    with connect(Settings.load(target=options.target, api=options.api)) as client:
        made = client.export(options.name, options.to, with_secrets=options.with_secrets)
    written = made.write(options.out, options.force)
    for path, _ in written.files:
        print(path)
    return _noted(written.notes)


def _pull(options: argparse.Namespace) -> int:
    from fc_magic.notebook.pull import pull

    with connect(Settings.load(target=options.target, api=options.api)) as client:
        found = pull(client, options.name, options.out, options.force, options.with_secrets)
    print(found.cell.removesuffix("\n"))
    return _noted(found.notes)


def _noted(notes: Sequence[str]) -> int:
    for note in notes:
        print(say("note: {0}", translated(note)), file=sys.stderr)
    return 0


def _stop(options: argparse.Namespace) -> int:
    from fc_magic.server.process import LocalServer

    folder = Settings.load(home=options.data).folder.resolve()
    running = LocalServer.find(folder)
    if running:
        running.stop()
    print(say("stopped {0}", running.url) if running else say("no Function Compute runs for {0}", folder))
    return 0


def _target(options: argparse.Namespace) -> int:
    from fc_magic import connect
    from fc_magic.notebook.target import TargetView
    from fc_magic.server.process import LocalServer

    settings = Settings.load(target=options.target, api=options.api)
    if settings.target == "local" and not LocalServer.find(settings.folder.resolve()):
        print(TargetView(None, settings))
        return 0
    with connect(settings) as client:
        print(TargetView(client.target, client.settings))
    return 0
