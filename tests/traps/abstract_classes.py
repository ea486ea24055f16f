"""An ABC with what was registered for it, and metaclasses with arguments."""

# %%
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @classmethod
    def unit(cls):
        return cls(1)
class Square(Shape):
    def __init__(self, side):
        self.side = side
    def area(self):
        return self.side ** 2

# %% deploy
def handler(event, context):
    try:
        Shape()
    except TypeError:
        refused = True
    return [Square(3).area(), Square.unit().area(), refused, isinstance(Square(1), Shape)]

# %% expect
# answers
