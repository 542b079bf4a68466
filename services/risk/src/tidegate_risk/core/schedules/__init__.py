"""Times that the limits declare: `blackouts`, in which nothing is opened."""
