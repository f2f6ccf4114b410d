"""The bench: how fast Clearprop is beside its peers, and beside the arithmetic alone.

`python -m benchmarks` from the root of the repository; see README.md here.
"""
