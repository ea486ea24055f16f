"""Finds the widgets of a form as a person does: by their labels, in the order in which they are read."""

from __future__ import annotations

import json
from typing import Any

import ipywidgets

from fc_magic.notebook.form.form import Form


def tree(widget: Any) -> list[Any]:
    """A widget and everything in it, in the order one reads it."""
    return [widget, *(w for child in getattr(widget, "children", ()) for w in tree(child))]


def find(form: Form, **traits: Any) -> list[Any]:
    """The widgets whose traits have these values."""
    return [w for w in tree(form.widget) if all(getattr(w, n, None) == v for n, v in traits.items())]


def field(form: Form, label: str) -> Any:
    (found,) = find(form, description=label)
    return found


def tab(form: Form, title: str) -> None:
    """Opens a tab, whatever mark its title has."""
    (tabs,) = [w for w in tree(form.widget) if isinstance(w, ipywidgets.Tab)]
    (tabs.selected_index,) = [n for n, one in enumerate(tabs.titles) if one.split(" ")[0] == title]


def titles(form: Form) -> tuple[str, ...]:
    (tabs,) = [w for w in tree(form.widget) if isinstance(w, ipywidgets.Tab)]
    return tuple(tabs.titles)


def all_tabs(form: Form) -> None:
    """Opens each tab once, so that everything is built."""
    for title in titles(form):
        tab(form, title.split(" ")[0])


def press(form: Form, label: str, number: int = 0) -> None:
    find(form, description=label)[number].click()


def shown(form: Form) -> str:
    return "\n".join(w.value for w in tree(form.widget) if isinstance(w, ipywidgets.HTML))


def states(form: Form) -> str:
    """All that a front end, or a saved notebook, could know of a form."""
    return json.dumps([w.get_state() for w in tree(form.widget)], default=str, ensure_ascii=False)
