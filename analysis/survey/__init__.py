"""Survey estimation: design, weights, estimates with their sampling error, tests, income and poverty, response."""
