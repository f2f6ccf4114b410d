"""The project's own laboratory: the claims of recipes, measured over seeds."""
