"""The project's own laboratory: claims of recipes, measured over seeds that are kept."""
