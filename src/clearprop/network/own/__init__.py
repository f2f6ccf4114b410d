"""Registering layers, losses, optimizers and activations of your own, with checks."""
