"""What is looked at on every page: findings of axe, sizes of what is touched, and whether anything sticks out."""

import os
from pathlib import Path

from playwright.sync_api import Page

_AXE = (Path(__file__).parents[2] / "web/phone/node_modules/axe-core/axe.min.js").read_text()
_FINDINGS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`)"""
# A box that is ticked is touched by its label, too; what is one pixel is for readers of screens only.
_SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, [role=tab], [role=switch]')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('[inert], [aria-hidden=true]'))
  .map(each => [each, (['checkbox', 'radio'].includes(each.type) && each.closest('label') || each).getBoundingClientRect()])
  .filter(([each, box]) => box.width > 1 && box.height > 1)
  .filter(([each, box]) => {
    const least = each.matches('.main-button') ? 56 : 44;
    return box.height < least - 0.5 || (box.width < 43.5 && !each.matches('input'));
  })
  .map(([each, box]) => `${Math.round(box.width)}×${Math.round(box.height)}: ${each.outerHTML.slice(0, 160)}`)"""
_STICKS_OUT = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


# A word of Chinese may break anywhere, so a squeezed text becomes a column of single letters.
_CRAMPED = """() => [...document.querySelectorAll('h1, h2, p, span, strong, button, label, dt, dd, legend')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('[aria-hidden=true]'))
  .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim().length > 4))
  .filter(each => each.getBoundingClientRect().width < 2.2 * parseFloat(getComputedStyle(each).fontSize))
  .filter(each => getComputedStyle(each).display !== 'inline' && each.getBoundingClientRect().width > 1)
  .map(each => `cramped to ${Math.round(each.getBoundingClientRect().width)}: ${each.outerHTML.slice(0, 160)}`)"""


#: A colour that is still fading in is not the colour: what moves comes to its end first, but for what turns for ever.
_STANDS_STILL = """Promise.race([
  new Promise(done => setTimeout(done, 1500)),
  Promise.all(document.getAnimations()
    .filter(each => each.effect?.getComputedTiming().iterations !== Infinity)
    .map(each => each.finished.catch(() => null))),
]).then(() => null)"""


def axe_findings(page: Page) -> list[str]:
    """The serious and critical findings of axe-core on what is shown."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    page.evaluate(_STANDS_STILL)
    found: list[str] = page.evaluate(_FINDINGS)
    return found


def small_targets(page: Page) -> list[str]:
    """What can be touched and is smaller than 44 pixels, or than 56 where it is the main thing to do."""
    found: list[str] = page.evaluate(_SMALL)
    return found


def cramped(page: Page) -> list[str]:
    """Texts of more than four letters that have room for two in a line."""
    found: list[str] = page.evaluate(_CRAMPED)
    return found


def pixels_too_wide(page: Page) -> int:
    """How far a page can be scrolled sideways."""
    wide: int = page.evaluate(_STICKS_OUT)
    return wide


def keep_look(page: Page, name: str) -> None:
    """Keep how a page looks, for whoever wants to see and has named a folder (`SCREENS=…`)."""
    if folder := os.environ.get("SCREENS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
