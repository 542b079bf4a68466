"""PostgreSQL from the outside: who may connect, which tables there are, how a pool is opened."""

from tidegate_chassis.database.deployment import deploy_sql, drop_databases, ensure_databases
from tidegate_chassis.database.errors import DatabaseError, MigrationError, UnreachableError
from tidegate_chassis.database.migration import migrate
from tidegate_chassis.database.names import DEFAULT_PREFIX, database_name
from tidegate_chassis.database.pool import connect, open_pool

__all__ = [
    "DEFAULT_PREFIX",
    "DatabaseError",
    "MigrationError",
    "UnreachableError",
    "connect",
    "database_name",
    "deploy_sql",
    "drop_databases",
    "ensure_databases",
    "migrate",
    "open_pool",
]
