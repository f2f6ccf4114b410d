"""Preparing a user's picture as the makers of a data set prepared theirs."""
