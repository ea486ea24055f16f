"""Signatures of all kinds survive, with their defaults."""

# %%
one = 1
def f(a, b=one, /, c=3, *args, d, e=[5], **kw):
    return [a, b, c, args, d, e, kw]

# %%
one = 100

# %% deploy
def handler(event, context):
    return f(0, d=4, z=9)

# %% expect
# answers
