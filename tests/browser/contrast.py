"""How well text can be read: its colour against what is behind it, as WCAG 2 measures it."""

from __future__ import annotations

from playwright.sync_api import Page

_SCRIPT = """selector => {
  const parse = text => {
    const found = text.match(/[\\d.]+/g).map(Number);
    if (text.startsWith('color(srgb')) return [...found.slice(0, 3).map(n => n * 255), found[3] ?? 1];
    return [found[0], found[1], found[2], found[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = node => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const opacity = node => {
    let all = 1;
    for (let at = node; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
    return all;
  };
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(n => n / 255).map(
      n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const out = [];
  for (const root of document.querySelectorAll(selector)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
      if (!text || ['STYLE', 'SCRIPT'].includes(node.tagName) || !node.checkVisibility()) continue;
      if (node.closest(':disabled')) continue;
      const ground = behind(node), style = getComputedStyle(node);
      const own = parse(node instanceof SVGElement ? style.fill : style.color);
      own[3] *= opacity(node);
      const [high, low] = [light(over(own, ground)), light(ground)].sort((a, b) => b - a);
      out.push([text.slice(0, 80), (high + 0.05) / (low + 0.05)]);
    }
  }
  return out;
}"""


def worst(page: Page, selector: str) -> tuple[str, float]:
    """The text inside of ``selector`` that is hardest to read, and its contrast; what is disabled may be pale."""
    found = page.evaluate(_SCRIPT, selector)
    assert found, f"there is no text in {selector}"
    text, contrast = min(found, key=lambda one: float(one[1]))
    return str(text), float(contrast)
