"""A finding of the release check: where something stands that must not leave the machine, and of what kind it is."""

from dataclasses import dataclass

from analysis.errors import InputError


@dataclass(frozen=True)
class Fund:
    """One finding. The micro datum itself is never part of it, as findings are printed and kept."""

    stelle: str
    was: str

    def __str__(self) -> str:
        return f"{self.stelle}: {self.was}"


class ReleaseError(InputError):
    """Files of a report hold something that must not leave the machine."""

    def __init__(self, funde: list[Fund]):
        shown = "; ".join(map(str, funde[:3]))
        further = f" (and {len(funde) - 3} more)" if len(funde) > 3 else ""
        super().__init__(f"not released: {shown}{further}")
        self.funde = tuple(funde)
