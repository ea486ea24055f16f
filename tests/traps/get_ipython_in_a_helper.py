"""A magic inside a helper runs in the kernel alone."""

# %%
def where():
    # %pwd
    return 1

# %% deploy
def handler(event, context):
    return [where()]

# %% expect
# refused: get_ipython
