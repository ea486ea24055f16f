"""Two decorators with functools.wraps run in their order."""

# %%
from functools import wraps
def tag(name):
    def decorate(f):
        @wraps(f)
        def run(*args, **kwargs):
            return f"<{name}>{f(*args, **kwargs)}</{name}>"
        return run
    return decorate

# %%
@tag("b")
@tag("i")
def text(t, *, up=False):
    "Says t."
    return t.upper() if up else t

# %% deploy
def handler(event, context):
    return [text("hi"), text("hi", up=True), text.__name__, text.__doc__]

# %% expect
# answers
