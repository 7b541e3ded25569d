"""The names that a spec's author imports: types, primitives, decorators, scenarios, claims."""
