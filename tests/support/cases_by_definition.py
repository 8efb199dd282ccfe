"""The edges and hazards that an instance realises, by their definitions, one after the other."""

from chime_fixtures.engine import pointer as json_pointer


def values_at(value, tokens):
    """The values at a pointer; an index stands for any item from there on."""
    if not tokens:
        yield value
    elif isinstance(value, list) and tokens[0].isdecimal():
        for item in value[int(tokens[0]) :]:
            yield from values_at(item, tokens[1:])
    elif isinstance(value, dict) and tokens[0] in value:
        yield from values_at(value[tokens[0]], tokens[1:])


def cases_by_definition(contract, instance):
    """The ids of the edges and hazards that match one of the values of a valid instance, in the order of the sets."""
    return [
        case.id
        for case in (*contract.edges, *contract.hazards)
        if any(map(case.matches, values_at(instance, json_pointer.split(case.pointer))))
    ]
