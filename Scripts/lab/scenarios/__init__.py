"""Every module here declares scenarios."""

from . import crashes, ways, stores, names, clocks, rolling, upgrades, programs, chance, thousands, faults  # noqa: F401
