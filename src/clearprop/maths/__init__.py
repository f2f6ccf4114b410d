"""The equations: every forward with its hand-derived VJP, over any array namespace.

Nothing here imports an engine, numpy or jax: the namespace `xp` is the first argument.
"""
