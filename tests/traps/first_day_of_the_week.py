"""The first day of the week that was set is told."""

# %%
import calendar
calendar.setfirstweekday(6)

# %% deploy
def handler(event, context):
    return [len(calendar.month(2024, 1)) > 9]

# %% expect
# kernel: yes
# answers
# warned: firstweekday
