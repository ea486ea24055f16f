"""A builtin that was replaced in the builtins module is refused: the replacement would not be there."""

# %%
import builtins
builtins.shout = lambda x: x.upper() + "!"

# %%
def say(x):
    return shout(x)

# %% deploy
def handler(event, context):
    return [say("a")]

# %% expect
# kernel: yes
# refused: shout
