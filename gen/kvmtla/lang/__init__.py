"""What the author of a spec imports: types, primitives, decorators, scenarios, claims."""
