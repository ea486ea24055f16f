"""What is imported for type checkers alone is not needed."""

# %%
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from no_such_package import Frame
def rows(frame: "Frame") -> int:
    return len(frame)

# %% deploy
def handler(event, context):
    return [rows([1, 2])]

# %% expect
# answers
# lacks: no_such_package
