"""What a service needs to describe its rows."""

from tidegate_chassis.host.definition import Project, Row

__all__ = ["Project", "Row"]
