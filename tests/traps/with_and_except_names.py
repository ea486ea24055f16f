"""Names bound by with, except and import inside blocks are followed."""

# %%
import contextlib
@contextlib.contextmanager
def opened(name):
    yield name.upper()
with opened("book") as book:
    pages = len(book)
try:
    import no_such_module_anywhere as fast
except ImportError as problem:
    fast = None
    reason = type(problem).__name__

# %% deploy
def handler(event, context):
    return [book, pages, fast, reason]

# %% expect
# answers
# lacks: no_such_module_anywhere
