"""A function keeps the decorator it was made with, whatever that name means now."""

# %%
def loud(f):
    return lambda x: f(x) + "!"

# %%
@loud
def greet(name):
    return f"hello {name}"

# %%
def loud(f):
    return lambda x: "SILENT"

# %% deploy
def handler(event, context):
    return [greet("Ann")]

# %% expect
# answers
