"""What looks like a sentence and is none that a person reads in the notebook, each with its reason."""

from __future__ import annotations

#: rooms whose sentences are read
ROOMS = ("notebook", "client", "package", "slicing", "preflight", "export", "wire", "server")
ROOMS += ("config.py", "origins.py", "cli.py", "errors.py", "__init__.py")

#: file or folder -> why nothing in it is shown
SKIPPED = {
    "notebook/html.py": "CSS and HTML",
    "slicing/effects.py": "names of functions",
    "slicing/static/known.py": "names of functions",
    "slicing/values/loaders.py": "source that goes with a function",
    "wire/images.py": "names of distributions",
    "wire/standard_library.py": "names of modules",
    "wire/oss_signature.py": "names of OSS, and what it says to its clients",
    "wire/region_names.py": "names of regions as Alibaba Cloud writes them",
    "preflight/api.py:tables": "",
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
    "server/tasks.py": "SQL",
    "server/lines.py": "lines of a log as FC writes them",
    "server/worker/limits.py": "the runtime's words, which are FC's: zh/fc.py has them",
    "server/worker/landlock.py": "reasons in the server's log",
    "server/worker/notify.py": "reasons in the server's log",
    "server/worker/sandbox.py": "reasons in the server's log",
    "server/tokens.py": "answers to callers of URLs",
}
del SKIPPED["preflight/api.py:tables"]

#: template -> why it has no Chinese
NOT_SAID: dict[str, str] = {}
