"""The precision of decimals that a cell has set is not set up there."""

# %%
import decimal
from decimal import Decimal
decimal.getcontext().prec = 6

# %%
def third():
    return str(Decimal(1) / Decimal(3))

# %% deploy
def handler(event, context):
    return [third().startswith("0.333333")]

# %% expect
# kernel: yes
# answers
# warned: decimal
