"""A method that a later cell gave to a class is there."""

# %%
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

# %%
def norm1(self):
    return abs(self.x) + abs(self.y)
Point.norm = norm1

# %%
Point.origin = property(lambda self: self.x == 0 == self.y)

# %% deploy
def handler(event, context):
    return [Point(3, -4).norm(), Point(0, 0).origin]

# %% expect
# answers
