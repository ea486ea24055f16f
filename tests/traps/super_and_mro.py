"""super() without arguments, diamonds and class methods."""

# %%
class A:
    def who(self): return ["A"]
class B(A):
    def who(self): return ["B", *super().who()]
class C(A):
    def who(self): return ["C", *super().who()]
class D(B, C):
    def who(self): return ["D", *super().who()]
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def size(): return 4

# %% deploy
def handler(event, context):
    return [D.make().who(), D.size()]

# %% expect
# answers
