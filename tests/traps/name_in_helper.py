"""A helper that asks for its module's name is told another one up there."""

# %%
def where():
    return __name__

# %% deploy
def handler(event, context):
    return [where() in ("__main__", "index")]

# %% expect
# answers
