"""The context of decimals is looked at, however it was set."""

# %%
from decimal import Decimal, getcontext
c = getcontext()
c.prec = 5

# %% deploy
def handler(event, context):
    return [Decimal(1) / 3 > 0]

# %% expect
# kernel: yes
# answers
# warned: prec is 5
