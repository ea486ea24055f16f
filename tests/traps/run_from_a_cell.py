"""A function from a cell that another cell ran as text."""

# %%
# %config InteractiveShell.cache_size = 1000
done = get_ipython().run_cell("def inner(x):\n    return x * 5\n")
done = None

# %% deploy
def handler(event, context):
    return [inner(2)]

# %% expect
# answers
