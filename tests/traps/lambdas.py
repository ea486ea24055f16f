"""Lambdas: by name, in a table, as default, and two on one line."""

# %%
first, second = (lambda x: x + 1), (lambda x: x - 1)

# %%
OPS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b}
def apply(op, a, b, key=lambda v: [v]):
    return key(OPS[op](a, b))

# %% deploy
def handler(event, context):
    return [first(1), second(1), apply("+", 2, 3), apply("-", 2, 3)]

# %% expect
# answers
