"""A cell that was pasted with its prompts is read as IPython read it."""

# %%
>>> def f(x):
...     return x + 7

# %% deploy
def handler(event, context):
    return [f(1)]

# %% expect
# answers
