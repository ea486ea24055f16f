"""A handler that wraps the older function of its name."""

# %%
def greet(name):
    return f"hello {name}"

# %% deploy
_old = greet
def greet(name):
    return _old(name) + "!"
def handler(event, context):
    return [greet("Ann")]

# %% expect
# answers
