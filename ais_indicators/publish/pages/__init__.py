"""Pages for readers: the weekly bulletin and the views of the dashboard, from one set of charts, tables and texts."""
