"""File formats of data sets: one module each, and one that recognizes them."""
