"""Finds who writes to a table: the law "one writer for each table", read from the syntax tree.

What is recognised: `Card.objects…create(`, `customer.cards.create(`, `Card(…).save(`, `.save(` and
`.delete(` on a variable known to be a card (by its annotation, by where it came from, or because
it is called `card`), and SQL that names the table. `bulk.*` is a tool: who calls it with a table
writes to it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from tests import source

MANAGERS = {"objects", "_default_manager", "_base_manager"}
ON_A_QUERYSET = {
    *("create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"),
    *("update", "delete", "acreate", "aupdate", "adelete", "_raw_delete", "raw_insert"),
}
ALSO_A_DICTS = {"update"}  # `facts.cards.update(…)` is no query: it needs a `.filter(…)` before it
ON_A_ROW = {"save", "delete", "asave", "adelete", "save_base"}
SQL = re.compile(r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+"?(\w+)', re.IGNORECASE)


@dataclass(frozen=True)
class Holds:
    """What an expression stands for: rows of a table, or a query on it."""

    model: str
    is_query: bool


@dataclass(frozen=True)
class Write:
    model: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{source.name_of(self.path)}:{self.line} writes {self.model}"


def models_called(names: set[str]) -> dict[str, type[Model]]:
    ours = [model for app in source.APPS for model in apps.get_app_config(app).get_models()]
    return {model.__name__: model for model in ours if model.__name__ in names}


def may_write(path: Path, allowed: tuple[str, ...]) -> bool:
    """Whether the file is one of the owners: a module, or a package with all in it."""
    name = source.name_of(path).removesuffix(".py")
    return any(name == owner or name.startswith(f"{owner}/") for owner in allowed)


def writes(path: Path, models: dict[str, type[Model]]) -> Iterator[Write]:
    """Every place in the file where one of the tables is written."""
    reader = _Reader(models)
    for scope in (source.tree(path), *source.functions(path)):
        known = reader.variables(scope)
        for node in _own_nodes(scope):
            for model in reader.written(node, known):
                yield Write(model, path, getattr(node, "lineno", 0))


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function or module, but not those of the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, source.FUNCTIONS):
            yield child
            yield from _own_nodes(child)


class _Reader:
    def __init__(self, models: dict[str, type[Model]]) -> None:
        self.models = set(models)
        self.by_variable = {_snake(name): name for name in models}
        self.by_table = {model._meta.db_table: name for name, model in models.items()}
        self.by_related_name = {
            str(field.remote_field.related_name): name
            for name, model in models.items()
            for field in model._meta.fields
            if field.remote_field and field.remote_field.related_name
        }

    def variables(self, scope: ast.AST) -> dict[str, Holds]:
        """What the scope's names hold, by their annotation or by where they came from."""
        known: dict[str, Holds] = {}
        if isinstance(scope, source.FUNCTIONS):
            arguments = scope.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                known |= self._if_annotated(argument.arg, argument.annotation)
        for node in _own_nodes(scope):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    known |= self._if_from(name, value, known)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    known |= self._if_annotated(name, annotation)
                case ast.For(target=ast.Name(id=name), iter=value):
                    known |= self._if_from(name, value, known)
        return known

    def _if_annotated(self, variable: str, annotation: ast.AST | None) -> dict[str, Holds]:
        words = set(re.findall(r"\w+", ast.unparse(annotation))) if annotation else set()
        held = [Holds(model, "QuerySet" in words) for model in words & self.models]
        return {variable: held[0]} if held else {}

    def _if_from(self, variable: str, value: ast.expr, known: dict[str, Holds]) -> dict[str, Holds]:
        held = self._about(value, known)
        return {variable: held} if held else {}

    def written(self, node: ast.AST, known: dict[str, Holds]) -> set[str]:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="bulk")), args=args):
                return {a.id for a in args if isinstance(a, ast.Name)} & self.models
            case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                return self._by_method(value, attr, known)
            case ast.Constant(value=str(text)):
                tables = {table.lower() for table in SQL.findall(text)}
                return {self.by_table[table] for table in tables & set(self.by_table)}
        return set()

    def _by_method(self, value: ast.expr, attr: str, known: dict[str, Holds]) -> set[str]:
        held = self._about(value, known)
        if held and attr in ON_A_QUERYSET and (held.is_query or attr not in ALSO_A_DICTS):
            return {held.model}
        if attr in ON_A_ROW and (row := held.model if held else self._by_its_name(value)):
            return {row}
        return set()

    def _by_its_name(self, value: ast.expr) -> str | None:
        match value:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.by_variable.get(name)
        return None

    def _about(self, value: ast.AST, known: dict[str, Holds]) -> Holds | None:
        """Which table an expression is about: `Card.objects.get(…)`, `customer.cards`, `card`."""
        match value:
            case ast.Name(id=name):
                return known.get(name)
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=attr) if (
                attr in MANAGERS and name in self.models
            ):
                return Holds(name, is_query=True)
            case ast.Attribute(attr=attr) if attr in self.by_related_name:
                return Holds(self.by_related_name[attr], is_query=False)
            case ast.Call(func=ast.Name(id=name)) if name in self.models:
                return Holds(name, is_query=False)
            case ast.Call(func=ast.Attribute(value=inner)):
                held = self._about(inner, known)
                return Holds(held.model, is_query=True) if held else None
        return None


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
