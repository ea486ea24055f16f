"""Things that hold themselves, and objects that hold each other."""

# %%
loop = [1]
loop.append(loop)
class Node:
    def __init__(self, name):
        self.name, self.near = name, []
a, b = Node("a"), Node("b")
a.near.append(b); b.near.append(a)
tree = {"child": {"n": 1}}
tree["child"]["parent"] = tree

# %% deploy
def handler(event, context):
    return [loop[1] is loop, a.near[0].near[0] is a, b.name, tree["child"]["parent"] is tree]

# %% expect
# answers
