"""How the form looks: one small style in the colours of the page, and layouts that many widgets share.

Sharing them is not only shorter: each layout and each style is a model of its own that a front end has to make.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import ipywidgets as widgets
from ipywidgets.widgets.widget_bool import CheckboxStyle
from ipywidgets.widgets.widget_description import DescriptionStyle
from ipywidgets.widgets.widget_string import TextStyle

from fc_magic.notebook.html import NO_FORMULAS
from fc_magic.notebook.words import clean

#: notes have the height of their field and scroll beyond it, so that nothing moves when an error appears.
#: Errors are told by a sign and by words in the text's own colour: the page's red is too pale on some themes.
#: The arrow of a choice is drawn in the colour of its text: that of ipywidgets is black on dark pages, too
CSS = """
.fcm-form{font-size:var(--jp-ui-font-size1,13px);color:var(--jp-ui-font-color1,inherit);max-width:1000px}
.fcm-form .fcm-field{flex-flow:row wrap;align-items:center;padding-bottom:4px}
.fcm-form .fcm-note{flex:1 1 280px;min-width:0;margin:0 0 0 8px}
.fcm-form .fcm-say{font-size:12px;line-height:16px;height:32px;align-content:safe center;overflow-y:auto;\
overflow-wrap:anywhere}
.fcm-form .fcm-beneath .fcm-say{align-content:start}
.fcm-form .fcm-tall .fcm-say{height:48px}
.fcm-form .fcm-beneath{margin:2px 0 4px 128px}
.fcm-form .fcm-acts{margin-left:124px;flex-flow:row wrap;align-items:center}
.fcm-form .fcm-help{opacity:.8}
.fcm-form .fcm-wrong b{color:var(--jp-error-color1,#d32f2f)}
.fcm-form .fcm-wrong{border-left:3px solid var(--jp-error-color1,#d32f2f);padding-left:6px}
.fcm-form .fcm-row{border-left:3px solid var(--jp-border-color2,#bdbdbd);margin:2px 0 8px;padding-left:6px}
.fcm-form .fcm-fields{flex-flow:row wrap;align-items:center;column-gap:8px}
.fcm-form .fcm-fields>button:last-child{margin-left:auto}
.fcm-form .fcm-code textarea,.fcm-form .fcm-code input{font-family:var(--jp-code-font-family,monospace)}
.fcm-form .fcm-tabs>.lm-TabBar,.fcm-form .fcm-tabs>.p-TabBar{min-width:0}
.fcm-form .fcm-tabs .lm-TabBar-tab,.fcm-form .fcm-tabs .p-TabBar-tab{flex:0 1 124px!important;min-width:0;\
color:var(--jp-ui-font-color1,inherit)!important}
.fcm-form .fcm-tabs .widget-tab-contents,.fcm-form .fcm-tabs .jupyter-widget-tab-contents{padding:8px}
.fcm-form .widget-dropdown>select,.fcm-form .jupyter-widget-dropdown>select{background:\
linear-gradient(45deg,transparent 50%,currentColor 50%) right 11px center/5px 5px no-repeat,\
linear-gradient(135deg,currentColor 50%,transparent 50%) right 6px center/5px 5px no-repeat,\
var(--jp-widgets-input-background-color,transparent)!important}
.fcm-form .fcm-title{font-size:15px}
.fcm-form button:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2)}
""".strip()


class Look:
    """The layouts and styles of one form."""

    def __init__(self) -> None:
        wide, short = {"description_width": "118px"}, {"description_width": "initial"}
        self.text, self.short = TextStyle(**wide), TextStyle(**short)
        self.choice, self.short_choice = DescriptionStyle(**wide), DescriptionStyle(**short)
        self.tick, self.short_tick = CheckboxStyle(**wide), CheckboxStyle(**short)
        self.field = widgets.Layout(width="430px")
        self.narrow = widgets.Layout(width="240px")
        self.tall = widgets.Layout(width="430px", height="64px")
        self.code = widgets.Layout(width="calc(100% - 8px)", height="64px")
        self.hidden = widgets.Layout(width="calc(100% - 8px)", height="64px", display="none")
        self.low = widgets.Layout(width="calc(100% - 8px)", height="48px")
        self.line = widgets.Layout(width="calc(100% - 8px)", height="auto")
        self.part = widgets.Layout(width="172px")
        self.button = widgets.Layout(width="auto")
        self.kind = widgets.Layout(width="270px")
        self.wide = widgets.Layout(width="330px")


def classed(widget: widgets.DOMWidget, *names: str) -> widgets.DOMWidget:
    for name in names:
        widget.add_class(f"fcm-{name}")
    return widget


def style() -> widgets.HTML:
    return widgets.HTML(f"<style>{CSS}</style>", layout=widgets.Layout(display="none"))


def gone(widget: widgets.Widget) -> None:
    """What is shown no more is forgotten by the front end, too; layouts and styles are others' as well."""
    for child in getattr(widget, "children", ()):
        gone(child)
    widget.close()


class Note:
    """The words beside or beneath a field: what it means, or what is wrong with it. Its place has a fixed height."""

    def __init__(self, help_: str = "", *kinds: str) -> None:
        self.help = help_
        self.widget = classed(widgets.HTML(), *(kinds or ("note",)))
        self.show(())

    def show(self, wrong: tuple[str, ...] | list[str], help_: str | None = None) -> None:
        self.help = self.help if help_ is None else help_
        value = self.text(wrong) if wrong else _said(self.help, _text(self.help), "help")
        if self.widget.value != value:
            self.widget.value = value

    @staticmethod
    def text(wrong: Iterable[str]) -> str:
        """Errors, as html."""
        lines = list(wrong)
        return _said("\n".join(lines), "<br>".join(f"<b>✗</b> {_text(one)}" for one in lines), "wrong")


def _said(title: str, inner: str, kind: str) -> str:
    return f'<div class="fcm-say fcm-{kind} {NO_FORMULAS}" title="{_text(title)}">{inner}</div>'


def _text(text: str) -> str:
    return escape(clean(text), quote=True)
