"""A class decorator of the notebook ran once, in the kernel and up there."""

# %%
made = []
def listed(cls):
    made.append(cls.__name__)
    cls.tag = cls.__name__.lower()
    return cls

# %%
@listed
class Thing:
    pass

# %% deploy
def handler(event, context):
    return [made, Thing.tag]

# %% expect
# answers
