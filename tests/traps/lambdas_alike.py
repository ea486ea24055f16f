"""Lambdas with the same code on one line, each with its own constant."""

# %%
pair = [lambda x: x * 2, lambda x: x * 3]
same = [lambda x: x, lambda y: y]

# %% deploy
def handler(event, context):
    return [[f(10) for f in pair], [f(1) for f in same]]

# %% expect
# answers
