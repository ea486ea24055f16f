"""A namedtuple whose variable is called otherwise than its type."""

# %%
import collections
State = collections.namedtuple("Node", ["name", "cost"])
best = State("start", 0)

# %% deploy
def handler(event, context):
    return [repr(best), isinstance(best, State), State.__name__]

# %% expect
# answers
