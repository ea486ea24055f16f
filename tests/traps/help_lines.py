"""Questions, magics and shell lines between definitions do no harm."""

# %%
def f(x):
    return x + ONE
# f?
# !echo nothing

# %% fails
# %no_such_magic

# %%
ONE = 1
# !true

# %% deploy
def handler(event, context):
    return [f(1)]

# %% expect
# answers
