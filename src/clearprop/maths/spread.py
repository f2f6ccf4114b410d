"""Points that fill a cube evenly, where a few random ones would crowd in some of its corners."""

# φ is the positive root of φ⁴ = φ + 1.
PHI = 1.2207440846057596


def spread(count: int) -> list[tuple[float, float, float]]:
    """Return the first points of the R₃ sequence in [0, 1)³.

    Point j = 1, 2, ... is the fractional part of ½ + j·(1/φ, 1/φ², 1/φ³): the golden ratio's
    sequence in three dimensions (M. Roberts, "The unreasonable effectiveness of quasirandom
    sequences", 2018). More points begin with the same ones.
    """
    x, y, z = (
        [(0.5 + j * step) % 1.0 for j in range(1, count + 1)]
        for step in (PHI**-1, PHI**-2, PHI**-3)
    )
    return list(zip(x, y, z, strict=True))
