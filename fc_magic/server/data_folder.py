"""The server's own files in a data folder, and how it says that it is ready: what it and who starts it both know."""

from __future__ import annotations

LOCK, INFO, LOG = "server.lock", "server.json", "server.log"
#: where it listened last: a URL that somebody kept still works after a restart
PORT, OBJECTS_PORT = "server.port", "objects.port"
READY = "Function Compute is ready at"
OBJECTS = "Object store at"
