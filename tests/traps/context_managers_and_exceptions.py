"""Context managers and exceptions of one's own, raised and caught."""

# %%
from contextlib import contextmanager
class Late(Exception):
    def __init__(self, by):
        super().__init__(f"late by {by}")
        self.by = by
class VeryLate(Late): pass
trace = []
@contextmanager
def step(name):
    trace.append(f"+{name}")
    try:
        yield
    finally:
        trace.append(f"-{name}")

# %% deploy
def handler(event, context):
    try:
        with step("a"), step("b"):
            raise VeryLate(3)
    except Late as error:
        return [str(error), error.by, trace]

# %% expect
# event: null
# event: null
# answers
