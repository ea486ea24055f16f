"""A cached property that was read keeps what it had, though that was changed since."""

# %%
from functools import cached_property
class Report:
    def __init__(self, rows):
        self.rows = rows
    @cached_property
    def total(self):
        return sum(self.rows)

# %%
report = Report([1, 2])
report.total
report.rows.append(100)

# %% deploy
def handler(event, context):
    return [report.total, report.rows, Report([5]).total]

# %% expect
# answers
