"""An object whose class is of a module beside the notebook, and a subclass of it."""

# %% file models.py
class Item:
    def __init__(self, name):
        self.name = name
    def label(self):
        return f"<{self.name}>"

# %%
from models import Item
class Big(Item):
    def label(self):
        return super().label().upper()
one, two = Item("a"), Big("b")
one.name = "changed"

# %% deploy
def handler(event, context):
    return [one.label(), two.label()]

# %% expect
# answers
