"""The only place that speaks SQL: grammar, catalogue, referee, embedded server, driver, error codes."""
