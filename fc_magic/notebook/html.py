"""The html face of a card: static markup and one small style, everything escaped.

It must read well without its style too (GitHub and untrusted notebooks drop it), so lines are ``div``,
columns are tables and code is ``pre``. Colours are the host page's: light and dark need no two sets.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from html import escape

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.card import (
    Block,
    Card,
    Chart,
    Line,
    Listing,
    Picture,
    Pieces,
    Rows,
    Span,
    Tail,
    more,
    spans,
)

#: code that a table does not break, by its most characters: what is longer would leave no room for the sentences
WHOLE = {"code": 44, "typed": 80}

# twice the class: JupyterLab's own rules for tables and code are as specific as one
CSS = """
.fcm-card{border-left:3px solid var(--jp-border-color1,#9e9e9e);padding:2px 0 2px 12px;margin:2px 0;\
color:inherit;font-size:var(--jp-ui-font-size1,13px);line-height:1.55;font-variant-numeric:tabular-nums;\
overflow-wrap:anywhere}
.fcm-card.fcm-ok{border-color:var(--jp-success-color1,#388e3c)}
.fcm-card.fcm-warn{border-color:var(--jp-warn-color1,#f57c00)}
.fcm-card.fcm-error{border-color:var(--jp-error-color1,#d32f2f)}
.fcm-card.fcm-card .fcm-head{font-weight:600}
.fcm-card.fcm-card .fcm-plain{font-weight:400}
.fcm-card.fcm-card .fcm-dim{opacity:.75}
.fcm-card.fcm-card .fcm-gap{height:.6em}
.fcm-card.fcm-card .fcm-hint::before{content:"→ "}
.fcm-card.fcm-card a{color:inherit;text-decoration:underline}
.fcm-card.fcm-card code,.fcm-card.fcm-card pre,.fcm-card.fcm-card .fcm-code\
{font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);background:none;color:inherit;padding:0;border:0}
.fcm-card.fcm-card pre{margin:1px 0;line-height:1.4;white-space:pre-wrap}
.fcm-card.fcm-card pre.fcm-source{white-space:pre;overflow-x:auto}
.fcm-card.fcm-card pre.fcm-diff{white-space:pre;overflow-x:auto}
.fcm-card.fcm-card .fcm-added{background:rgba(46,160,67,.18)}
.fcm-card.fcm-card .fcm-removed{background:rgba(248,81,73,.16)}
.fcm-card.fcm-card .fcm-mark{font-weight:700;background:rgba(127,127,127,.18)}
.fcm-card.fcm-card table,.fcm-card.fcm-card table tbody tr:nth-child(n),.fcm-card.fcm-card table tbody tr:hover\
{background:none;color:inherit}
.fcm-card.fcm-card table{border-collapse:collapse;border:0;margin:1px 0;width:auto;table-layout:auto;\
font-size:inherit}
.fcm-card.fcm-card table th,.fcm-card.fcm-card table td{border:0;padding:0 1.5em 0 0;text-align:left;\
vertical-align:top;max-width:none;white-space:normal;line-height:1.55}
.fcm-card.fcm-card table td{overflow-wrap:break-word}
.fcm-card.fcm-card table td.fcm-whole code{white-space:nowrap}
.fcm-card.fcm-card table th{font-weight:400;opacity:.75}
.fcm-card.fcm-card table .fcm-number{text-align:right}
.fcm-card.fcm-card img{max-width:100%;margin:2px 0}
.fcm-card.fcm-card summary{cursor:pointer;opacity:.75}
""".strip()


#: of an element whose dollar signs are dollars: MathJax 2 and 3 look for formulas in any html that is shown
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"


def as_html(card: Card) -> str:
    kind = f" fcm-{card.kind}" if card.kind else ""
    inner = "\n".join(_block(block) for block in card.blocks)
    return f'<div class="fcm-card{kind} {NO_FORMULAS}">\n<style>{CSS}</style>\n{inner}\n</div>'


def _block(block: Block) -> str:
    if isinstance(block, Line):
        return _line(block)
    if isinstance(block, Rows):
        return _rows(block)
    if isinstance(block, Listing):
        return _listing(block)
    if isinstance(block, Chart):
        return _chart(block)
    return _picture(block)


def _line(block: Line) -> str:
    kind = f' class="fcm-{escape(block.kind)}"' if block.kind else ""
    return f"<div{kind}>{_inline(block.pieces)}</div>"


def _inline(pieces: Pieces) -> str:
    return "".join(_span(span) for span in spans(pieces))


def _span(span: Span) -> str:
    text = _text(span.text).replace("\n", "<br>")
    title = f' title="{_text(span.title)}"' if span.title else ""
    # only addresses of the web become links: a javascript: one stays text
    if span.href.startswith(("http://", "https://")):
        return f'<a href="{_text(span.href)}"{title} target="_blank" rel="noopener noreferrer">{text}</a>'
    if span.kind in WHOLE:
        return f"<code{title}>{text}</code>"
    if span.kind == "strong":
        return f"<b{title}>{text}</b>"
    kind = f' class="fcm-{escape(span.kind)}"' if span.kind else ""
    return f"<span{kind}{title}>{text}</span>" if kind or title else text


def _text(text: str) -> str:
    return escape(words.clean(text), quote=True)


def _rows(block: Rows) -> str:
    head = "".join(_cell(i, name, block, "th") for i, name in enumerate(block.header))
    body = "".join(
        "<tr>" + "".join(_cell(i, cell, block, "td") for i, cell in enumerate(row)) + "</tr>"
        for row in block.rows
    )
    thead = f"<thead><tr>{head}</tr></thead>" if head else ""
    table = f"<table>{thead}<tbody>{body}</tbody></table>"
    return f"<details><summary>{_text(block.fold)}</summary>{table}</details>" if block.fold else table


def _cell(index: int, pieces: Pieces, block: Rows, tag: str) -> str:
    code = [span for span in spans(pieces) if span.kind in WHOLE]
    is_whole = code and all(len(span.text) <= WHOLE[span.kind] for span in code)
    kind = "number" if index in block.right else "whole" if is_whole else ""
    class_ = f' class="fcm-{kind}"' if kind else ""
    return f"<{tag}{class_}>{_inline(pieces)}</{tag}>"


def _listing(block: Listing) -> str:
    count, shown = len(block.lines), block.shown
    if block.tail:
        return _ending(block, block.tail)
    if block.fold:
        return f"<details><summary>{_text(block.fold)}</summary>{_pre(block, 0, count)}</details>"
    first = _pre(block, 0, shown) if shown else ""
    if shown == count:
        return first
    return f"{first}<details><summary>… {more(count - shown)}</summary>{_pre(block, shown, count)}</details>"


def _ending(block: Listing, tail: Tail) -> str:
    """Above its last lines stand the earlier ones, as a fold, or a line that says that they are missing."""
    count = len(block.lines)
    hidden = count - block.shown
    if not hidden and not tail.cut:
        return _pre(block, 0, count)
    label = f"{_text(block.label)}  " if block.label else ""
    everything = f": <code>{_text(tail.everything)}</code>" if tail.everything else ""
    above = f"{label}… {_text(tail.said(hidden))}{everything}"
    seen = _pre(replace(block, label=""), hidden, count) if block.shown else ""
    if not hidden:
        return f'<div class="fcm-dim">{above}</div>{seen}'
    return f"<details><summary>{above}</summary>{_pre(replace(block, label=''), 0, hidden)}</details>{seen}"


def _pre(block: Listing, start: int, end: int) -> str:
    lines = [_text(line).replace("\n", " ") for line in block.lines[start:end]]
    for at in (number - start for number in {block.marked, *block.marks} if start <= number < end):
        lines[at] = f'<span class="fcm-mark">{lines[at]}</span>'
    if block.kind == "diff":
        lines = [_signed(line) for line in lines]
    kind = f' class="fcm-{escape(block.kind)}"' if block.kind else ""
    label = f'<span class="fcm-dim">{_text(block.label)}  </span>' if block.label and not start else ""
    space = "\n" + " " * (words.width(block.label) + 2 if block.label else 0)
    return f"<pre{kind}>{label}{space.join(lines)}</pre>"


def _signed(line: str) -> str:
    """A line of a diff: its sign says what it is, a colour says it once more."""
    kind = {"+": "added", "-": "removed", "@": "dim"}.get(line[:1], "")
    return f'<span class="fcm-{kind}">{line}</span>' if kind else line


def _chart(block: Chart) -> str:
    """Its numbers stand below: a drawing is dropped by GitHub and of notebooks that are not trusted."""
    lines = "\n".join(map(_text, block.text))
    numbers = f"<details><summary>{_text(say('as numbers'))}</summary><pre>{lines}</pre></details>"
    return f'<div class="fcm-chart">{block.svg}</div>{numbers if lines else ""}'


def _picture(block: Picture) -> str:
    data = base64.b64encode(block.data).decode()
    label = _text(f"{block.name}, {words.size(len(block.data))}")
    return f'<img src="data:{block.mime};base64,{data}" alt="{label}" title="{label}">'
