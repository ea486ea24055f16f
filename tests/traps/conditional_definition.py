"""The branch that ran is the one that goes."""

# %%
FAST = False
if FAST:
    def search(x):
        return "fast"
else:
    def search(x):
        return "slow"

# %%
try:
    from no_such_json import loads
except ImportError:
    from json import loads

# %% deploy
def handler(event, context):
    return [search(1), loads("[1]")]

# %% expect
# answers
