"""A class that was registered with an ABC in a later cell is one still."""

# %%
from abc import ABC
class Plugin(ABC):
    pass
class Odd:
    pass

# %%
Plugin.register(Odd)

# %% deploy
def handler(event, context):
    return [isinstance(Odd(), Plugin)]

# %% expect
# answers
