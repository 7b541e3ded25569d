"""The typing rules, by kind of construct, as docs/language.md has them.

A rule for an expression takes its syntax tree, the scope, and the type that is wanted if one is; it
returns the typed expression. A rule for a statement adds to the code of the scope, and returns the
scope behind the statement. `core` finds the rule for a piece of syntax.
"""
