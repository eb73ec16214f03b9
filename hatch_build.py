"""The wheel's build hook: builds the pages first, so that one `pip install` serves API, events and pages."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuildHook(BuildHookInterface[Any]):
    """Runs `halles.edge.webbuild` on web/, for a wheel alone: an editable install builds its pages when it starts.

    HALLES_SKIP_WEB=1 leaves them out: such a wheel serves the API only.
    """

    def dependencies(self) -> list[str]:
        """What the build environment needs besides hatchling: a Node, where the machine has none."""
        webbuild = _webbuild(Path(self.root))
        return [] if self._skipped or webbuild.has_node() else [webbuild.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files; `version` is `standard` or `editable`."""
        if version == "editable" or self._skipped:
            return
        root = Path(self.root)
        _webbuild(root).build(root / "web", root / "src" / "halles" / "edge" / "static")

    @property
    def _skipped(self) -> bool:
        return os.environ.get("HALLES_SKIP_WEB") == "1"


def _webbuild(root: Path) -> ModuleType:
    """The module by its file: the package around it needs what a build environment does not have."""
    path = root / "src" / "halles" / "edge" / "webbuild.py"
    spec = importlib.util.spec_from_file_location("halles_webbuild", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
