"""What a source delivered: one or more answers, as received."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One file or one HTTP answer, as received.

    Attributes:
        address: the file name or the full URL asked for (never with a secret in it).
        body: the bytes as received.
    """

    address: str
    body: bytes
