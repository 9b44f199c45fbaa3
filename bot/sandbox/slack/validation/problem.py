"""One thing that Slack refuses about a payload, and where it is."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal with its JSON pointer; `error` is the code where it isn't the surface's usual one."""

    message: str
    pointer: str
    error: str | None = None

    def under(self, prefix: str) -> "Problem":
        """Return the same problem, seen from an outer object."""
        return replace(self, pointer=prefix + self.pointer)

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer or '/'}]"
