"""A package beside the notebook goes whole, with relative imports and its data."""

# %% file zoo/__init__.py
from .animals import Cat
NAME = "zoo"

# %% file zoo/animals.py
from . import sounds
class Cat:
    def say(self):
        return sounds.MEOW

# %% file zoo/sounds.py
from pathlib import Path
MEOW = Path(__file__).with_name("meow.txt").read_text().strip()

# %% file zoo/meow.txt
meow

# %%
from zoo import Cat
import zoo.sounds as s

# %% deploy
def handler(event, context):
    return [Cat().say(), s.MEOW]

# %% expect
# answers
