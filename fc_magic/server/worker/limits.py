"""What Function Compute allows one instance, and its words when that was too little.

That running out of memory or of processes looks like any other unexpected end is read from its list of causes, not
seen: the texts and limits that nobody has confirmed are here and nowhere else.
"""

from __future__ import annotations

import os

#: of /code, /tmp and /dev/shm together
DISK_MB = 512


def disk_mb(wanted: int) -> int:
    """What an instance that wants more than that gets: it lies in memory, of which half stays for the rest."""
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return max(DISK_MB, min(wanted, pages * os.sysconf("SC_PAGE_SIZE") >> 21)) if pages > 0 else wanted


#: processes and threads
TASKS = 1024

#: errorMessage of a call
TIMED_OUT = "Function timed out after {limit} seconds (maxMemoryUsage: {mb:.2f}MB)"
EXITED = (
    "Process exited unexpectedly before completing request (duration: {ms}ms, maxMemoryUsage: {mb:.2f}MB)"
)
#: ours, of an instance that nobody called
EXITED_IDLE = "Process was ended while it was idle (maxMemoryUsage: {mb:.2f}MB)"
#: ours
NOT_LISTENING = "The program runs but listens no longer on port {port}; the next call starts a new instance"
CANCELED = "Invocation canceled by client (duration: {ms}ms, maxMemoryUsage: {mb:.2f}MB)"

#: lines of the log; the first is Function Compute's, the others are ours: there nothing says why the process ended
DUMP = "Dumping stack trace after function timeout\n"
OUT_OF_MEMORY = (
    "Out of memory: the function held {mb:.0f} MB, its limit is {limit} MB; deploy it with more memory\n"
)
OUT_OF_DISK = "Out of disk: the function wrote {mb:.0f} MB, the limit of an instance is {limit} MB\n"
OUT_OF_TASKS = (
    "Too many processes: the function ran more than {limit} processes and threads, the limit of an instance\n"
)

#: why a custom runtime does not start: Function Compute's texts, then what we add to its log
NO_BOOTSTRAP = "Failed to start function instance. Error: the file /code/bootstrap is not exist"
NOT_RUN = "Function instance exited unexpectedly(code {code}, message:{message}) with start command {command}"
GONE = "Function instance exited unexpectedly with start command {command}"
UNHEALTHY = "Function instance health check failed on port {port} in {limit} seconds."
HIDDEN = (
    "The program listens on 127.0.0.1:{port}, where nobody outside of it reaches it; "
    "let it listen on 0.0.0.0:{port}\n"
)
ELSEWHERE = "The program listens on port {found}; Function Compute calls port {port}\n"
#: added to UNHEALTHY: it is what one has to know
NOT_THERE = " The program listens on port {found}, not on port {port}."
#: the connection is closed and the program is not: Function Compute has one text for both
UNANSWERED = "The program runs on, and gave no whole answer: {why}\n"
STATUS = "The program answered {status} to POST /invoke, which Function Compute takes for a success\n"
TAKEN = (
    "Port {port} of this machine is taken by {who}, and this machine cannot give the program another; "
    "end what has the port, then call again"
)
