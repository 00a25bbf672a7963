"""Every module here declares scenarios."""

from . import crashes, ways, stores, names, clocks, rolling, programs, chance, thousands  # noqa: F401
