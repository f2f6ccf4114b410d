"""Files of every format, damaged in many ways: each is read or refused, and nothing else."""
