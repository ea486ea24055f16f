"""That display was imported by name makes it no less the kernel's own."""

# %%
from IPython.display import display
def show(x):
    display(x)
    return x

# %% deploy
def handler(event, context):
    return [show(1)]

# %% expect
# refused: display
