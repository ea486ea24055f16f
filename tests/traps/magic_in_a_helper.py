"""A shell line inside a helper needs the kernel."""

# %%
def files():
    # names = !ls
    return names

# %% deploy
def handler(event, context):
    return files()

# %% expect
# refused: get_ipython
