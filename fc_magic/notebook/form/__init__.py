"""The form of a deployment: core ipywidgets <-> the overrides and options that a magic line gives.

From below: ``masks`` (what of a value may be seen), ``unread`` (what of a text that cannot be read may be
seen), ``written`` (values as a line), ``state`` (the values and what
is wrong with them), ``look``, ``parts`` (a field on the screen), ``kinds`` and ``triggers``, ``environment``,
``network``, ``sections`` (the tabs), ``acts`` (the buttons), ``form`` (all of it), ``face`` (the same as a card,
where there are no widgets).
"""
