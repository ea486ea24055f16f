"""Another name of a class of the notebook is the same class, in isinstance too."""

# %%
class Node:
    def __init__(self, v): self.v = v
Leaf = Node
items = [Leaf(1)]
KINDS = {"node": Node, "all": (Node, int)}

# %% deploy
def handler(event, context):
    return [isinstance(items[0], Node), Leaf is KINDS["node"], isinstance(3, KINDS["all"])]

# %% expect
# answers
