"""A decorator of the notebook on the handler itself runs when the file is read."""

# %%
import functools, json
def jsonic(f):
    @functools.wraps(f)
    def run(event, context):
        return f(json.loads(event or b"null"), context)
    return run

# %% deploy
@jsonic
def handler(event, context):
    return [event]

# %% expect
# event: {"a": 1}
# answers
