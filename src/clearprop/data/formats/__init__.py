"""The formats that people's rows come in: one module each, and one that tells them apart."""
