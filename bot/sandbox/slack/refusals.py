"""What a real client keeps a person from doing, as an error of its own."""

from collections.abc import Mapping


class ClientRefusal(Exception):
    """The client refuses before anything is sent; `fields` names the inputs at fault, by block_id."""

    def __init__(self, line: str, fields: Mapping[str, str] | None = None) -> None:
        told = "".join(f"\n  {block_id}: {text}" for block_id, text in (fields or {}).items())
        super().__init__(line + told)
        self.fields = dict(fields or {})
