"""Prove by breaking: trainings that are killed for hours, and saves that die at every line."""
