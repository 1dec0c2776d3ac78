"""Reads the product's own source, for the laws in tests/test_house.py."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "loyalty", "messaging", "automations", "integrations")
SHAPES = {"dict", "list", "tuple", "str", "int", "bool", "Mapping", "Sequence"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules(*folders: str) -> list[Path]:
    """Every Python file we wrote, migrations excepted (Django writes those)."""
    found = [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    return [ROOT / "manage.py", *found] if folders == (*APPS, "tests") else found


def name_of(path: Path) -> str:
    """`loyalty/cards.py`: how a law speaks of a file."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, FUNCTIONS))


def imports_inside_functions(path: Path) -> list[str]:
    return [
        f"{name_of(path)}:{node.lineno} in {function.name}()"
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not (path.name == "apps.py" and function.name == "ready")
    ]


def types_in(folder: str) -> list[str]:
    """The names of the types a folder holds: what its classes say, or else the file's own name."""
    here = ROOT / folder
    files = [*here.glob("*.py"), *here.glob("*/__init__.py")]
    return sorted(
        name
        for path in files
        if (stem := path.parent.name if path.parent != here else path.stem)
        and stem != "base"
        and not stem.startswith("_")
        for name in _names_given(path) or [stem]
    )


def _names_given(path: Path) -> list[str]:
    """`type = "wait"` and the like, in the bodies of a file's classes."""
    return [
        line.value.value
        for node in tree(path).body
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.Assign)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
        and ast.unparse(line.targets[0]) in {"type", "name", "slug"}
    ]


@cache
def _text(path: Path) -> str:
    return path.read_text().lower()


def mentions(word: str, *folders: str, suffix: str) -> bool:
    """Whether a file there has the word, or its plain English (`send_email`, "Send email")."""
    spellings = {word, word.replace("_", " "), word.replace("_", "-"), word.replace("_", "")}
    return any(
        spelling in text
        for folder in folders
        for path in (ROOT / folder).rglob(f"*{suffix}")
        for text in [f"{path.stem} {_text(path)}"]
        for spelling in spellings
    )


def docstring(path: Path) -> str | None:
    return ast.get_docstring(tree(path))


def kinds_asked(path: Path, names: set[str]) -> list[str]:
    """Where the file asks `isinstance(step, Wait)` of something that has one of the names.

    Whether a parsed document is a dict or a list is another question.
    """
    return [
        f"{name_of(path)}:{node.lineno}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "isinstance"
        and ast.unparse(node.args[0]).rpartition(".")[2] in names
        and not set(re.findall(r"\w+", ast.unparse(node.args[1]))) <= SHAPES
    ]
