"""What a book's `_config.yml` says of its chapters, and whether a notebook is one of them.

A book names its parameters under `sphinx: config: book_parameters`, each with the value it has when nothing else
is asked for; a notebook is a chapter of the book whose `_config.yml` is the nearest above it when its cell tagged
`parameters` gives them all a value.
"""

import ast
import functools
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

CONFIG = "_config.yml"
PARAMETERS, RULE, KIND = "book_parameters", "book_rule", "book_kind"
PRIVATE, OUTPUTS = "book_private", "book_outputs"
"""Settings under `sphinx: config:`; `analysis.build.chapters` says what each is."""


def read(path: Path) -> dict[str, Any]:
    """Return what the nearest `_config.yml` above a file sets for Sphinx; see `sphinx`."""
    config = next((file for folder in path.absolute().parents if (file := folder / CONFIG).exists()), None)
    return sphinx(config) if config else {}


def load(path: Path) -> Any:
    """Read a YAML file, by the parser in C where there is one: eight times as fast."""
    return _parsed(path.read_text(encoding="utf-8"))


@functools.lru_cache(4)
def _parsed(text: str) -> Any:
    """Read YAML, once for all chapters."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def sphinx(config: Path) -> dict[str, Any]:
    """Return what a `_config.yml` sets for Sphinx, nothing where it is of another kind; ValueError if unreadable."""
    try:
        return load(config)["sphinx"]["config"] or {}
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{config} can't be read: {error}") from None
    except (KeyError, TypeError):
        return {}


def function(name: str, path: str | None) -> Callable | None:
    """Return the function that a setting names by a dotted path, None for a blank; ValueError if it isn't there."""
    try:
        return pkgutil.resolve_name(path) if path else None
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{name} in {CONFIG}: {path} can't be had: {error}. Give package.module.function") from None


def rule(chapter: Path) -> Callable | None:
    """Return the function by which the book of a chapter says what may not be said in prose, None where it has none."""
    return function(RULE, read(chapter).get(RULE))


def kind(chapter: Path, parameters: dict[str, Any]) -> str:
    """Return the kind of edition that a chapter makes with these parameters, blank where its book has no kinds."""
    found = function(KIND, read(chapter).get(KIND))
    return found(parameters) if found else ""


def judge(chapter: Path, parameters: dict[str, Any]) -> Callable[[list], Any] | None:
    """Return what judges the outputs of a cell of an edition for its maker alone: ValueError for what may not be saved.

    None for an edition in the open, and where the book judges nothing.
    """
    private, outputs = (function(name, read(chapter).get(name)) for name in (PRIVATE, OUTPUTS))
    if not (private and outputs and private(parameters)):
        return None
    return functools.partial(outputs, parameters)


def values(notebook: Any) -> dict[str, Any]:
    """Return the parameters of a notebook that are written as plain values, as they will be when it runs."""
    found: dict[str, Any] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code" and tag in cell["metadata"].get("tags", []):
                assigned = _assigned(cell["source"])
                found |= {name: value.value for name, value in assigned.items() if isinstance(value, ast.Constant)}
    return found


def is_chapter(notebook: Any, path: Path) -> bool:
    """Whether a notebook is a chapter of the book whose `_config.yml` is the nearest above it."""
    wanted = set(read(path).get(PARAMETERS) or {})
    return bool(wanted) and wanted <= set(defaults(notebook))


def defaults(notebook: Any) -> dict[str, ast.expr | None]:
    """Return the parameters of a notebook with their defaults as written; none without a cell tagged `parameters`.

    >>> cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": 'wave = "2025"'}
    >>> list(defaults({"cells": [cell]}))
    ['wave']
    """
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", []):
            return _assigned(cell["source"])
    return {}


def _assigned(source: str) -> dict[str, ast.expr | None]:
    """Return the names that code gives a value, with the value as written; none from what isn't Python."""
    found: dict[str, ast.expr | None] = {}
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return found
    for node in body:
        match node:
            case ast.Assign(targets=targets, value=value):
                found |= {target.id: value for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                found[name] = value
    return found
