"""A class keeps the base it was made with after that name was bound to another class."""

# %%
class Shape:
    def area(self):
        return "old area"

# %%
class Square(Shape):
    pass

# %%
class Shape:
    def area(self):
        return "new area"

# %% deploy
def handler(event, context):
    return [Square().area(), Shape().area(), issubclass(Square, Shape)]

# %% expect
# refused: Square
