"""A rule that import-linter has no words for: the doors of a capability. `.importlinter` names it, `./halles lint` runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Every package under the root is a capability, but for `not_capabilities`; it is entered by its `doors` alone.

    Options: `not_capabilities`; `doors` (modules, or packages with all below them) open to journeys and the edge; `edge_doors`
    open to the edge as well. The kernel never enters, another capability never does, tests may enter anywhere.
    """

    type_name = "doors"

    not_capabilities = fields.SetField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    edge_doors = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at each import that crosses a capability's border, once."""
        broken = sorted(self._intrusions(graph))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which import enters where it may not, and how it could."""
        for importer, imported, lines in cast("list[tuple[str, str, str]]", check.metadata["broken"]):
            output.print_error(f"- {importer} -> {imported} (l.{lines})", bold=False)
        doors = ", ".join(sorted(_words(self.doors)))
        output.print_error(
            f"A capability is entered by {doors}; two capabilities meet in a journey.", bold=False
        )

    def _intrusions(self, graph: ImportGraph) -> Iterator[tuple[str, str, str]]:
        root = str(self.session_options["root_packages"][0])
        outside = {f"{root}.{name}" for name in _words(self.not_capabilities)}
        for capability in graph.find_children(root) - outside:
            for imported in {capability, *graph.find_descendants(capability)}:
                for importer in graph.find_modules_that_directly_import(imported):
                    if not self._may_enter(importer, imported, capability, root):
                        found = graph.get_import_details(importer=importer, imported=imported)
                        yield importer, imported, ", ".join(str(line["line_number"]) for line in found)

    def _may_enter(self, importer: str, imported: str, capability: str, root: str) -> bool:
        if _within(importer, capability) or ".tests." in f"{importer}." or importer.endswith(".conftest"):
            return True
        open_doors = set(_words(self.doors))
        if _within(importer, f"{root}.edge"):
            open_doors |= set(_words(self.edge_doors))
        elif not _within(importer, f"{root}.journeys"):
            return False
        return any(_within(imported, f"{capability}.{door}") for door in open_doors)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _words(field: Any) -> Iterable[str]:
    """What a field declared on the class holds in an instance: import-linter swaps one for the other."""
    return cast("Iterable[str]", field)
