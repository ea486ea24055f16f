"""A module beside the notebook that only a helper imports, when it runs."""

# %% file lazy.py
def work(x):
    return x * 3

# %%
def run(x):
    import lazy
    return lazy.work(x)

# %% deploy
def handler(event, context):
    return [run(2)]

# %% expect
# answers
