"""Names with two underscores: of a module they are as written, of a class they are its own."""

# %%
__secret = 5
class Safe:
    __code = 42
    def __hidden(self):
        return self.__code
    def open(self):
        return self.__hidden()
def get():
    return __secret
s = Safe()
s._Safe__code = 43

# %% deploy
def handler(event, context):
    return [get(), s.open(), Safe().open()]

# %% expect
# answers
