"""The modules that are checked: one for each scenario, world and set of reductions."""
