"""A setting that was taken back is not told."""

# %%
from decimal import Decimal, getcontext
before = getcontext().prec
getcontext().prec = 5
getcontext().prec = before

# %% deploy
def handler(event, context):
    return [str(Decimal(1) / 3)]

# %% expect
# kernel: yes
# answers
