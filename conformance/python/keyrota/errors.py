"""The one exception of this package (chapter 12)."""


class Rejected(Exception):
    """These bytes must be rejected. `layer` says by which part of the protocol, `why` says it to a person."""

    def __init__(self, layer: str, why: str = "") -> None:
        super().__init__(f"{layer}: {why}" if why else layer)
        self.layer = layer
        self.why = why
