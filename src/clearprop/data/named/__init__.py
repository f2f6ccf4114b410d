"""Named data sets: their catalog, cache and sources."""
