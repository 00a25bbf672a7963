"""Every module here declares scenarios."""

from . import crashes  # noqa: F401
