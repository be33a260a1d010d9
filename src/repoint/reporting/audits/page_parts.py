"""What the parts of the HTML report share: its style, a script that filters (the page works without), and text."""

from __future__ import annotations

from html import escape

from repoint.reporting.layout import harmless

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --quiet: #5b6570; --line: #d8dee4; --page: #fff; --soft: #f5f7f9;
  --good: #1a7f37; --bad: #b42318; --caution: #8a5a00; --bar: #2f6fb5; --track: #e4e9ee; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ed; --quiet: #9aa5b1; --line: #343c46; --page: #14181d;
  --soft: #1c2229; --good: #58c274; --bad: #ff8a7f; --caution: #e0b050; --bar: #6aa7e6; --track: #2d3640; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
code { font: .875em/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); } .good { color: var(--good); } .bad, .error { color: var(--bad); }
.caution, .warning { color: var(--caution); } .info { color: var(--quiet); }
summary.good { font-weight: 600; }
.verdict { font-size: 1.1rem; font-weight: 600; margin-top: .5rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem; }
.card { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; }
.card b { display: block; font-size: 1.75rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.card.bad, .card.good { color: inherit; border-left: 4px solid var(--good); }
.card.bad { border-left-color: var(--bad); }
.card .said { display: block; font-weight: 600; }
.card .bar { display: block; width: 100%; margin: .35rem 0; }
.figures { display: grid; margin-top: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0 2rem; }
.figures div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line);
  padding: .35rem 0; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
thead th { background: var(--soft); color: var(--quiet); font-weight: 500; font-size: .85rem; white-space: nowrap; }
th.n, td.n { text-align: right; white-space: nowrap; }
td.name { min-width: 16rem; }
.share { display: inline-block; min-width: 3.25rem; }
td.name code { display: block; } td.name .quiet { font-size: .8rem; }
td.zero { color: var(--quiet); }
.bar { display: inline-block; width: 3.5rem; height: .5rem; margin-right: .6rem; border-radius: 4px; overflow: hidden;
  background: var(--track); vertical-align: middle; }
.bar i { display: block; height: 100%; background: var(--bar); }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; }
details details { border-radius: 6px; margin: .5rem 0 .5rem .25rem; }
summary { cursor: pointer; padding: .5rem .75rem; overflow-wrap: anywhere; }
summary .count { float: right; margin-left: 1rem; font-weight: 600; font-variant-numeric: tabular-nums; }
summary:hover { background: var(--soft); }
.inside { padding: 0 .75rem .5rem; scroll-margin-top: 4rem; }
ul { margin: .25rem 0 .75rem; padding-left: 1.1rem; } li::marker { color: var(--quiet); }
.mend { color: var(--quiet); }
.filter { width: 100%; max-width: 28rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 8px;
  background: var(--soft); color: inherit; font: inherit; }
@media (max-width: 40rem) { body { padding: 1.25rem .9rem 3rem; } td.name { min-width: 14.5rem; }
  table code { font-size: .8em; }
  .cards { grid-template-columns: 1fr; } details details { margin-left: 0; } .inside { padding: 0 .5rem .5rem; } }
@media print { .filter { display: none; } .scroll { overflow: visible; } }
"""

# Filtering opens what has a match, and hides the rest; without a word all is there again, folded.
SCRIPT = """
const box = document.querySelector(".filter"); box.hidden = false;
box.addEventListener("input", () => {
  const word = box.value.trim().toLowerCase();
  const has = (part) => !word || part.textContent.toLowerCase().includes(word);
  for (const row of document.querySelectorAll("[data-row]")) row.hidden = !has(row);
  for (const part of document.querySelectorAll("details")) {
    part.hidden = !has(part);
    part.open = !!word && has(part);
  }
  for (const place of document.querySelectorAll("details details")) {
    const named = has(place.querySelector("summary")) || has(place.parentElement.parentElement.firstElementChild);
    for (const item of place.querySelectorAll("li")) item.hidden = !named && !has(item);
  }
});
"""


def harmless_html(value: str) -> str:
    """As text or as the value of an attribute: no markup, and nothing that acts on the reader."""
    return escape(harmless(value))


def breakable(path: str) -> str:
    """A path that may go on in the next line: one of files after a slash, a dotted one after a dot."""
    mark = "/" if "/" in path else "."
    return harmless_html(path).replace(mark, f"{mark}<wbr>")
