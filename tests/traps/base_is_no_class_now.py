"""A class keeps its base after that name was bound to what is no class."""

# %%
class Base:
    def hello(self):
        return "hello"

class Child(Base):
    pass

# %%
Base = [1, 2]

# %% deploy
def handler(event, context):
    return [Child().hello(), Base]

# %% expect
# refused: Child | Base
