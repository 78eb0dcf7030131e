"""Where the figures of docs/performance.md come from: ``make bench``.

Every figure is a ratio to a reference that is measured in the same run, turn and turn about, so that a busy or slow machine touches both.
Only what a stolen core costs is measured in two turns, first alone and then beside the process that steals it.
"""
