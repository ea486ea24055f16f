"""A method of an object under a name of its own works on that object."""

# %%
class Bag:
    def __init__(self): self.items = []
    def put(self, x):
        self.items.append(x)
        return len(self.items)
bag = Bag()
put = bag.put
put("a")

# %% deploy
def handler(event, context):
    return [put("b"), bag.items]

# %% expect
# answers
