"""Subclasses that were counted by __init_subclass__ are counted once."""

# %%
class Base:
    below = []
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Base.below.append(cls.__name__)

# %%
class One(Base): pass
class Two(Base): pass

# %% deploy
def handler(event, context):
    return [Base.below, One.__name__, Two.__name__]

# %% expect
# answers
