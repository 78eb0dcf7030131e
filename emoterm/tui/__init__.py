"""The terminal interface: browse, make, morph and understand emojis. Nothing here computes; see :mod:`emoterm.tui.engine`."""
