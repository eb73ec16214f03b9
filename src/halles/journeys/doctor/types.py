"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One disagreement. `check`: which proof failed (stable); `subject`: what it is about; `text`: the numbers, in a sentence."""

    check: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`counted`: how much was looked at (orders, stock items, accounts …). Healthy when nothing was found."""

    counted: dict[str, int]
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def healthy(self) -> bool:
        return not self.findings
