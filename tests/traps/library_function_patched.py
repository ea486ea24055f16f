"""A function of a library that was replaced by one of the notebook is not the same up there."""

# %%
import string
def capwords(x):
    return "patched"
string.capwords = capwords

# %%
def title(x):
    return string.capwords(x)

# %% deploy
def handler(event, context):
    return [title("a b")]

# %% expect
# kernel: yes
# refused: string | capwords
