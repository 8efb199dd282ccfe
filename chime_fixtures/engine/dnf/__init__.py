"""Requirements on a value, expanded into clauses: the boolean algebra of schemas in disjunctive normal form."""
