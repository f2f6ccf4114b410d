"""What people register of their own: checked when it is, and from then on like all others."""
