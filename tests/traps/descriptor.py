"""A descriptor of the notebook, told its name when the class was made."""

# %%
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name)
    def __set__(self, obj, value):
        if value < 0:
            raise ValueError(self.name)
        setattr(obj, self.name, value)

# %%
class Stock:
    count = Positive()
    def __init__(self, count):
        self.count = count
shelf = Stock(4)

# %% deploy
def handler(event, context):
    try:
        shelf.count = -1
    except ValueError as error:
        return [shelf.count, str(error)]

# %% expect
# answers
