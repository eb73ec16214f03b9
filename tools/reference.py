"""Write docs/reference from the code: settings, errors, events, commands, routes, personal data, the
OpenAPI document.

python tools/reference.py          # write
python tools/reference.py --check  # exit 1 when a page is not what the code says
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import halles
from halles.edge.app import describe
from halles.edge.cli import app as commands
from halles.journeys.leaving.held import HELD
from halles.journeys.wiring import WIRED
from halles.kernel.errors import all_kinds
from halles.kernel.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
MADE = "<!-- Made from the code by tools/reference.py. -->\n\n"


def import_everything() -> None:
    """Import every module of the product, so that every error and event is known."""
    for module in pkgutil.walk_packages(halles.__path__, "halles."):
        if (
            ".tests" not in module.name
            and ".migrations" not in module.name
            and not module.name.endswith("__main__")
        ):
            importlib.import_module(module.name)


def sentence(thing: object) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("|", "\\|")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def settings_page() -> str:
    rows = [
        (f"`HALLES_{name.upper()}`", _default(field.default), (field.description or "").replace("|", "\\|"))
        for name, field in Settings.model_fields.items()
    ]
    intro = (
        "# Settings\n\nFrom the environment, over `halles.toml` in the data folder "
        "(same names, lower case, without the prefix), over the defaults.\n\n"
    )
    return MADE + intro + table(("setting", "default", "what it does"), rows)


def _default(value: Any) -> str:
    return "" if value is None or "PydanticUndefined" in repr(value) else f"`{value}`"


def errors_page() -> str:
    ours = [
        kind
        for kind in all_kinds()
        if kind.__module__.startswith("halles.") and ".tests" not in kind.__module__
    ]
    rows = [
        (f"`{kind.code}`", str(kind.status), kind.title, sentence(kind))
        for kind in ours
        if "code" in vars(kind)
    ]
    intro = (
        "# Errors\n\nEvery refusal is a problem document (RFC 9457) with one of these codes. "
        "`Retry-After` says when a retry may help.\n\n"
    )
    return MADE + intro + table(("code", "status", "title", "meaning"), sorted(set(rows)))


def events() -> list[Any]:
    """Every event class: a dataclass with a `kind` and a `key()` in a types module."""
    found: dict[str, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("halles.") and name.endswith("types"):
            things: list[Any] = list(vars(module).values())
            found.update({thing.kind: thing for thing in things if _is_event(thing)})
    return [found[kind] for kind in sorted(found)]


def _is_event(thing: Any) -> bool:
    shape = ("key", "__dataclass_fields__")
    return (
        inspect.isclass(thing)
        and isinstance(getattr(thing, "kind", None), str)
        and all(hasattr(thing, n) for n in shape)
    )


def events_page() -> str:
    rows: list[tuple[str, ...]] = []
    for event in events():
        reactions = ", ".join(f"`{name}`" for name in WIRED.get(event.kind, [])) or "none"
        fields = ", ".join(f"`{name}`" for name in event.__dataclass_fields__)
        rows.append((f"`{event.kind}`", sentence(event), fields, reactions))
    return (
        MADE
        + "# Events\n\nWritten to the outbox with their cause; `journeys/wiring.py` lists the reactions.\n\n"
        + table(("event", "meaning", "fields", "reactions"), rows)
    )


def commands_page() -> str:
    import typer.main

    rows: list[tuple[str, ...]] = []

    def walk(prefix: str, command: Any) -> None:
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            if getattr(inner, "commands", None):
                walk(f"{prefix} {name}", inner)
            if not inner.hidden and (not getattr(inner, "commands", None) or inner.invoke_without_command):
                options = " ".join(_option(p) for p in inner.params if p.name != "help")
                told = " ".join((inner.help or "").split("\n\n")[0].split()).replace("|", "\\|")
                rows.append((f"`{prefix} {name}`", told, options))

    walk("halles", typer.main.get_command(commands))
    return (
        MADE
        + "# Commands\n\nFrom a checkout: `./halles …`; from an installed wheel: `halles …`.\n\n"
        + table(("command", "what it does", "takes"), rows)
    )


def _option(parameter: Any) -> str:
    name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.name.upper()
    return f"`{name}`"


def routes_page(document: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = []
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            who = ", ".join(operation.get("x-access", [])) or "anyone"
            rows.append((f"`{method.upper()} {path}`", operation.get("summary", "").replace("|", "\\|"), who))
    return (
        MADE
        + "# Routes\n\nThe full description is the [OpenAPI document](openapi.json).\n\n"
        + table(("route", "what it does", "who may call it"), rows)
    )


def personal_page() -> str:
    rows = [
        (f"`{held.column}`", held.fate.value, "yes" if held.given else "no", held.why)
        for held in sorted(HELD, key=lambda held: held.column)
    ]
    intro = (
        "# Personal data\n\nEvery column that can say who somebody is, or by which something is tied to a party. *Closing*: what "
        "becomes of it when the account is closed ([how](../howto/privacy.md)). *Archive*: whether the file that a person takes "
        "along has it.\n\n"
    )
    return MADE + intro + table(("column", "closing", "archive", "why"), rows)


def pages() -> dict[str, str]:
    """File name → text, as the code says now."""
    import_everything()
    document = describe()
    return {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "events.md": events_page(),
        "commands.md": commands_page(),
        "routes.md": routes_page(document),
        "personal-data.md": personal_page(),
        "openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }


def main() -> int:
    stale: list[str] = []
    for name, text in pages().items():
        path = FOLDER / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale:
        print(("stale: " if "--check" in sys.argv else "written: ") + ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
