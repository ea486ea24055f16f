"""A sentinel is one object, also inside defaults and tables."""

# %%
MISSING = object()
def get(table, key, default=MISSING):
    value = table.get(key, MISSING)
    return ["missing"] if value is MISSING else [value]

# %% deploy
def handler(event, context):
    return [get({}, "a"), get({"a": 1}, "a"), get.__defaults__[0] is MISSING]

# %% expect
# answers
