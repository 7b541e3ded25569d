"""From structured functions to steps: inline, simplify, cut into actions."""
