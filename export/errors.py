"""What can go wrong in an export.

ExportError
└── ParityError     a graph does not do what the torch model does
    ├── NameParityError     inputs or outputs are named differently
    ├── ShapeParityError    an output has another shape or type
    └── ValueParityError    an output differs by more than its tolerance
"""

from emoterm.errors import EmotermError


class ExportError(EmotermError):
    """A run cannot be turned into a bundle."""


class ParityError(ExportError):
    """A graph does not do what the torch model does; no bundle is written."""


class NameParityError(ParityError):
    """Inputs or outputs are named differently from the contract."""


class ShapeParityError(ParityError):
    """An output has another shape or type."""


class ValueParityError(ParityError):
    """An output differs by more than its tolerance."""
