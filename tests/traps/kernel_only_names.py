"""display and get_ipython exist in the kernel alone."""

# %%
def show(x):
    display(x)
    return x

# %% deploy
def handler(event, context):
    return [show(1)]

# %% expect
# refused: display
