"""Data sets that have a name: what they hold, where they are kept, where they come from."""
