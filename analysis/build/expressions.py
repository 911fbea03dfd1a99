"""Expressions in prose: find them in Markdown, have a kernel evaluate them, show what came of it.

An expression stands in a sentence as a role, {eval}`use["yes"]`. Its value is kept where JupyterLab's extension for
MyST keeps it, in the metadata of its cell, under `user_expressions`: a list of `{"expression": text, "result":
{"status": "ok", "data": MIME bundle, "metadata": {…}}}`. So the prose stays as it was written, and no value is ever
read as Markdown.
"""

import ast
import contextlib
import difflib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

KEPT = "user_expressions"
"""Where the metadata of a cell keep its evaluated expressions."""
WITHIN = r"(?:(?!\n[ \t]*(?:\n|>|```|~~~|\#{1,6}\s|[-+*]\s|\d+[.)]\s)).)+?"
"""Characters of one paragraph, as few as will do: what is opened in it is closed in it, or isn't opened."""
SCAN = re.compile(
    rf"""
    ^[ \t>]*(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}})[ \t]*(?:\{{(?P<directive>[\w-]+)\}})?[^\n]*$
        (?P<fenced>.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)
    | \\.                                                                                # a character that is itself
    | ^[ ]{{0,3}}<!-- .*? -->[^\n]* | <!-- .*? -->
    | \{{(?P<role>[\w:+-]+)\}}(?P<ticks>`+)(?!`)(?P<expression>{WITHIN})(?P=ticks)
    | (?P<code>`+)(?!`){WITHIN}(?<!`)(?P=code)(?!`)                           # code in a sentence
    | `+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""What an expression looks like, and all that only looks like one; the first that fits takes its characters."""
LITERAL = {"code", "code-block", "code-cell", "sourcecode", "math", "raw", "eval-rst", "mermaid", "parsed-literal"}
"""MyST's directives between fences whose content isn't Markdown."""
UNSAID = ".unsaid+json"
"""How the kind of output ends that a value has of which nothing is known: prose that rests on it isn't said."""
BETWEEN = re.compile(r"\n(?:[ \t]*\n)+|\n(?=[ \t]*(?:[-+*]|\d+[.)])[ \t])")
"""What stands between two paragraphs, or two items of a list."""
NEAR, FEW = 3, 12
"""How many names to suggest: those that look like the wrong one, or all of so few that there are no more."""

Kept = dict[str, Any]
"""An expression with its result, as it stands in the metadata of a cell."""
Ask = Callable[[dict[str, str]], dict[str, dict[str, Any]]]
"""Evaluates expressions by key in a kernel and returns their results by key."""
Rule = Callable[[str, dict[str, Any]], str]
"""Says of an expression and the MIME bundle of its value why it may not be said; blank when it may."""


class ExpressionError(Exception):
    """Expressions are wrong or may not be said; the message names each: chapter, cell, line, expression, and why."""


@dataclass(frozen=True)
class Expression:
    """An expression in the text of a Markdown cell: where it starts and ends, braces and ticks included."""

    text: str
    start: int
    end: int
    line: int


def find(source: str) -> list[Expression]:
    r"""List the expressions of a Markdown cell in order, but none in code or comments, or behind a backslash.

    >>> [e.text for e in find("{eval}`use` of `` {eval}`code` `` and \\{eval}`escaped`")]
    ['use']
    """
    return list(_scan(source, 0, len(source))) if "{eval}" in source else []


def _scan(source: str, start: int, end: int) -> Iterator[Expression]:
    for m in SCAN.finditer(source, start, end):
        if m["role"] == "eval":
            yield Expression(m["expression"], *m.span(), source.count("\n", 0, m.start()) + 1)
        elif m["directive"] and m["directive"] not in LITERAL:  # a note or the like
            yield from _scan(source, *m.span("fenced"))


def ask(client: Any, cell: Any, asked: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Evaluate expressions in the kernel of an nbclient, within the time that a cell may take."""
    request = client.kc.execute("", silent=True, store_history=False, user_expressions=asked)
    return client.wait_for_reply(request, cell)["content"]["user_expressions"]


def evaluate(
    cell: Any, place: str, ask: Ask, rule: Rule | None, known: dict[str, tuple[str, dict]], silent: bool = False
) -> None:
    """Evaluate the expressions of a Markdown cell by one request, and keep them in its metadata.

    `place` names chapter and cell; `known` holds the values of the chapter so far, with the place where each was
    met, and gets those of this cell. Raises ExpressionError that names every wrong expression of the cell; what
    came back is kept in the cell all the same, unless it is to be `silent`: then nothing of it is kept or told.
    """
    cell["metadata"].pop(KEPT, None)
    found = find(cell["source"])
    if not found:
        return
    results = ask({str(i): expression.text for i, expression in enumerate(found)})
    cell["metadata"][KEPT] = [{"expression": e.text, "result": results[str(i)]} for i, e in enumerate(found)]
    failed = {i: results[str(i)] for i in range(len(found)) if results[str(i)]["status"] != "ok"}
    hints = _hints({i: (found[i].text, result) for i, result in failed.items()}, ask) if failed else {}
    wrong = []
    for i, expression in enumerate(found):
        where, result = f"{place}, line {expression.line}", results[str(i)]
        if i in failed:
            told = "" if silent else f": {result['evalue']}{hints.get(i, '')}"
            wrong.append(f"{where}: {expression.text}: {result['ename']}{told}")
            continue
        why = refusal(expression.text, result["data"], rule)
        if expression.text != expression.text.strip() or "\n" in expression.text:
            why = "write it on one line, without spaces at its ends; the book and JupyterLab would each read another"
        there, before = known.setdefault(expression.text, (where, result["data"]))
        if not why and before != result["data"]:
            values = "" if silent else f"{text_of(before)} in {there} and {text_of(result['data'])} here"
            why = f"two values in one chapter, {values or f'one in {there}'}. Give the second one a name of its own"
        if why:
            wrong.append(f"{where}: {expression.text}: {why}")
    if wrong:
        if silent:
            cell["metadata"].pop(KEPT)
        raise ExpressionError("\n".join(wrong))


def refusal(expression: str, data: dict[str, Any], rule: Rule | None) -> str:
    """Say why a value may not be said by the book's rule; blank when it may, or where the book has no rule."""
    return rule(expression, data) if rule else ""


def judge(notebook: dict, chapter: str, rule: Rule | None) -> None:
    """Hold the kept values of a chapter against the book's rule; ExpressionError names all that may not be said."""
    wrong = [
        f"{place_of(notebook['cells'], index, chapter)}: {kept['expression']}: {why}"
        for index, cell in enumerate(notebook["cells"])
        for kept in cell["metadata"].get(KEPT, [])
        if (why := refusal(kept["expression"], kept["result"]["data"], rule))
    ]
    if wrong:
        raise ExpressionError("\n".join(wrong))


def place_of(cells: list, index: int, chapter: str) -> str:
    """Name a cell as its chapter has it: the cell of parameters that papermill puts in doesn't count."""
    put_in = sum("injected-parameters" in cell["metadata"].get("tags", []) for cell in cells[:index])
    return f"{chapter}, cell {index + 1 - put_in} ({cells[index].get('id', 'no id')})"


def _hints(failed: dict[int, tuple[str, dict]], ask: Ask) -> dict[int, str]:
    """Say what was meant by names that aren't there: the nearest that are, or all if they are few."""
    lost = {i: _lost(text, result["ename"], result["evalue"]) for i, (text, result) in failed.items()}
    wanted = {str(i): found for i, found in lost.items() if found}
    asked = {i: f"__import__('json').dumps([str(name) for name in {names}])" for i, (_, names) in wanted.items()}
    hints = {}
    for key, result in (ask(asked) if asked else {}).items():
        if result["status"] == "ok":
            name = wanted[key][0]
            names = [n for n in json.loads(text_of(result["data"])) if n.startswith("_") == name.startswith("_")]
            if near := difflib.get_close_matches(name, names, NEAR):
                hints[int(key)] = f". Did you mean {' or '.join(near)}?"
            elif 0 < len(names) <= FEW:
                hints[int(key)] = f". There is: {', '.join(names)}"
    return hints


def _lost(expression: str, ename: str, evalue: str) -> tuple[str, str] | None:
    """Return the name that wasn't found in an expression, and the Python that lists what there is."""
    if ename not in ("NameError", "AttributeError", "KeyError"):
        return None
    for node in ast.walk(ast.parse(expression, mode="eval")):
        match ename, node:
            case "NameError", ast.Name(id=name) if f"'{name}'" in evalue:
                return name, "{**globals(), **vars(__import__('builtins'))}"
            case "AttributeError", ast.Attribute(value=owner, attr=name) if f"'{name}'" in evalue:
                return name, f"dir({ast.unparse(owner)})"
            case "KeyError", ast.Subscript(value=owner, slice=ast.Constant(value=str(name))) if name in evalue:
                keys = ast.unparse(owner)  # asked as IPython asks what it may complete, else gone through
                asked = f"({keys})._ipython_key_completions_"
                return name, f"({asked}() if hasattr({keys}, '_ipython_key_completions_') else {keys})"
    return None


def kept_in(cells: Iterable[dict]) -> list[Kept]:
    """List the evaluated expressions of all cells in order."""
    return [kept for cell in cells for kept in cell["metadata"].get(KEPT, [])]


def put(notebook: dict, outputs: list, evaluated: list[Kept]) -> None:
    """Put a result into a notebook as read: outputs and counts into code cells, values into prose, both by order."""
    shown, said = iter(outputs), iter(evaluated)
    count = 0
    for cell in notebook["cells"]:
        cell["metadata"].pop(KEPT, None)
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"], cell["outputs"] = count, next(shown)
        elif cell["cell_type"] == "markdown" and (found := find(cell["source"])):
            cell["metadata"][KEPT] = [next(said) for _ in found]


def say_what_is_known(cell: dict) -> None:
    """Leave out of a cell of prose each paragraph or item of a list with a value of which nothing is known.

    The value says so by a kind of output that ends in `UNSAID`. What the cell keeps of paragraphs that go, goes too.
    """
    kept = cell["metadata"].get(KEPT, [])
    unsaid = {k["expression"] for k in kept if any(kind.endswith(UNSAID) for kind in k["result"].get("data", {}))}
    if not unsaid:
        return
    source = cell["source"]
    places = [e.start for e in find(source) if e.text in unsaid]
    edges = [(0, 0), *(m.span() for m in BETWEEN.finditer(source)), (len(source),) * 2]
    said = ""
    for (before, start), (end, _) in itertools.pairwise(edges):
        if not any(start <= place < end for place in places):
            said += source[before:end] if said else source[start:end]
    left = {e.text for e in find(said)}
    cell["source"], cell["metadata"][KEPT] = said, [k for k in kept if k["expression"] in left]


def text_of(data: dict[str, Any]) -> str:
    """Return what a value says as text on one line; a Python string without its quotes, as JupyterLab shows it."""
    plain = "".join(data.get("text/plain", ""))
    if plain[:1] in ("'", '"'):
        with contextlib.suppress(ValueError, SyntaxError):  # words that begin with a quotation mark
            plain = str(ast.literal_eval(plain))
    return re.sub(r"[ \t\r\n\f\v]+", " ", plain).strip(" ")


def as_text(source: str, evaluated: list[Kept]) -> str:
    """Put values into the Markdown of a cell, for readers of it that don't know the role; escaped, so never markup."""
    values = {kept["expression"]: kept["result"]["data"] for kept in evaluated if kept["result"]["status"] == "ok"}
    for expression in reversed(find(source)):
        if expression.text in values:
            source = source[: expression.start] + escape(text_of(values[expression.text])) + source[expression.end :]
    return source


def escape(text: str) -> str:
    r"""Write text as Markdown that says just that, wherever it stands in a line.

    >>> escape("<b> a*b_c")
    '\\<b\\> a\\*b\\_c'
    """
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    # MathJax looks through finished pages, where two dollars would be a formula
    return f'<span class="tex2jax_ignore">{escaped}</span>' if re.search(r"[$\\]", text) else escaped
