"""Insight: gradient checks, explanations, pictures."""
