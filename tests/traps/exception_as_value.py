"""An exception that was caught and kept."""

# %%
class Problem(Exception):
    pass
try:
    raise Problem("bad", 3)
except Problem as error:
    kept = error

# %% deploy
def handler(event, context):
    return [kept.args, type(kept).__name__, isinstance(kept, Problem)]

# %% expect
# refused: kept
