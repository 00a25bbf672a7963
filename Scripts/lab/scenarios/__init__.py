"""Every module here declares scenarios."""

from . import crashes, ways, stores, names, clocks, rolling, programs, chance, thousands, faults  # noqa: F401
