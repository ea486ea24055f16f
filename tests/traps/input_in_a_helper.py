"""A helper that nobody calls up there may ask what it likes."""

# %%
def ask(default=None):
    return default or input("? ")

# %% deploy
def handler(event, context):
    return [ask("given")]

# %% expect
# answers
