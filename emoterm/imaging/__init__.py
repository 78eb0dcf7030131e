"""Pictures in and out: read files safely, alpha arithmetic, grids, animations, writing."""
