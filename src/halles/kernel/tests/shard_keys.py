"""What a statement asks of a cluster, read from its parsed tree: which tables, by which keys, joined how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from halles.kernel.distribute import KEYS, Kind

Node = Any
"""A node of sqlglot's tree."""
PARAMETER = re.compile(r"%\((\w+)\)[sbt]")


@dataclass(frozen=True, slots=True)
class Use:
    """A spread table in one query block: `group` by `key`. `kept`: the block says which keys, or joins it to one that does."""

    table: str
    group: Kind
    kept: bool


def parse(sql: str) -> Node:
    """The tree of a statement as psycopg sends it; anything that the parser does not fully understand is an error."""
    tree: Node = sqlglot.parse_one(PARAMETER.sub(r":p_\1", sql).replace("%%", "%"), read="postgres")
    assert not isinstance(tree, exp.Command), sql
    return tree


def faults(sql: str, tables: Mapping[str, Kind]) -> list[str]:
    """Why a cluster would ask every shard, or could not answer; empty when each spread table is asked by its key."""
    tree = parse(sql)
    found = [f"unlisted: {name}" for name in sorted(_names(tree)) if name not in tables]
    groups = {kind for name in _names(tree) if (kind := tables.get(name)) in KEYS}
    if len(groups) > 1:
        found.append(f"joins groups: {', '.join(sorted(map(str, groups)))}")
    for block in _blocks(tree):
        found += [f"{use.table} without {KEYS[use.group]}" for use in _uses(block, tables) if not use.kept]
    return found


def is_bound_lock(sql: str, tables: Mapping[str, Kind]) -> bool:
    """Whether a locking read stays on one shard: each spread table's key equals a parameter, or the key of one whose does."""
    for block in _blocks(parse(sql)):
        if isinstance(block, exp.Select) and block.args.get("locks"):
            for alias, name in _sources(block).items():
                kind = tables.get(name, "local")
                if kind in KEYS and not _pinned(block, alias, name, KEYS[kind]):
                    return False
    return True


def _name(table: exp.Table) -> str:
    plain = table.name if table.name != "order" else '"order"'
    return f"{table.db}.{plain}"


def _names(tree: Node) -> set[str]:
    return {_name(table) for table in tree.find_all(exp.Table) if table.db}


def _blocks(tree: Node) -> Iterator[Node]:
    yield from tree.find_all(exp.Select, exp.Update, exp.Delete, exp.Insert)


def _own(block: Node, *kinds: type[Node]) -> Iterator[Node]:
    """Nodes of this block, not of the blocks inside it."""

    def inside(node: Node) -> bool:
        return node is not block and isinstance(node, (exp.Select, exp.Insert, exp.Update, exp.Delete))

    for node in block.walk(prune=inside):
        if isinstance(node, kinds):
            yield node


def _sources(block: Node) -> dict[str, str]:
    """Alias → table, of the tables that this very block reads or writes."""
    return {
        node.alias_or_name: _name(node)
        for node in _own(block, exp.Table)
        if isinstance(node, exp.Table) and node.db
    }


def _uses(block: Node, tables: Mapping[str, Kind]) -> Iterator[Use]:
    if isinstance(block, exp.Insert):
        target = block.this
        assert isinstance(target, exp.Schema), "an insert names its columns"
        name = _name(target.this)
        kind = tables.get(name, "local")
        if kind in KEYS:
            yield Use(name, kind, KEYS[kind] in [column.name for column in target.expressions])
        return
    sources = _sources(block)
    for alias, name in sources.items():
        kind = tables.get(name, "local")
        if kind in KEYS:
            yield Use(name, kind, _kept(block, alias, KEYS[kind], sources, tables))


def _conditions(block: Node) -> Iterator[Node]:
    """What must all be true: the parts of the WHERE and of inner joins' ON."""
    where = block.args.get("where")
    joins: list[Node] = list(block.args.get("joins") or [])
    source = block.args.get("from_") or block.args.get("from")
    if source is not None:
        joins += [
            join for table in source.find_all(exp.Table, exp.Unnest) for join in _listed(table, "joins")
        ]
    for condition in [where.this if where else None, *(join.args.get("on") for join in joins)]:
        if condition is not None:
            yield from (condition.flatten() if isinstance(condition, exp.And) else [condition])


def _columns(side: Node) -> list[exp.Column]:
    inner = side.unnest()
    parts = inner.expressions if isinstance(inner, exp.Tuple) else [inner]
    return [part for part in parts if isinstance(part, exp.Column)]


def _is_key(column: exp.Column, alias: str, key: str, alone: bool) -> bool:
    return column.name == key and (column.table == alias or (not column.table and alone))


def _kept(block: Node, alias: str, key: str, sources: Mapping[str, str], tables: Mapping[str, Kind]) -> bool:
    alone = len([name for name in sources.values() if tables.get(name) in KEYS]) == 1
    for condition in _conditions(block):
        if isinstance(condition, (exp.EQ, exp.In)):
            sides = [condition.this] if isinstance(condition, exp.In) else [condition.left, condition.right]
            if any(_is_key(column, alias, key, alone) for side in sides for column in _columns(side)):
                return True
    using = _using(block)
    return key in using and any(
        _kept(block, other, key, {other: name, alias: ""}, tables)
        for other, name in sources.items()
        if other != alias
    )


def _using(block: Node) -> list[str]:
    joins: list[Node] = block.args.get("joins") or []
    return [name.name for join in joins for name in _listed(join, "using")]


def _listed(node: Node, name: str) -> list[Node]:
    return list(node.args.get(name) or [])


def _pinned(block: Node, alias: str, name: str, key: str) -> bool:
    """The key equals a parameter or a literal, here or, through an equality, on another table of the block."""
    equal: set[frozenset[str]] = set()
    fixed: set[str] = set()
    alone = len(_sources(block)) == 1
    for condition in _conditions(block):
        if not isinstance(condition, exp.EQ):
            continue
        sides = [condition.left.unnest(), condition.right.unnest()]
        keys = [side for side in sides if isinstance(side, exp.Column) and side.name == key]
        names = [alias if alone and not column.table else column.table for column in keys]
        if len(keys) == 2:
            equal.add(frozenset(names))
        elif len(keys) == 1 and any(
            isinstance(side, (exp.Placeholder, exp.Literal, exp.Cast)) for side in sides
        ):
            fixed.add(names[0])
    using = _using(block)
    if key in using and fixed:
        return True
    return alias in fixed or any(alias in pair and pair & fixed for pair in equal)
