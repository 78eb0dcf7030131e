"""Emojis by the million: a folder of parquet files that any number of processes fill, and that can be continued at any time."""
