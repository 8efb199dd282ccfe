"""From subschemas to nodes: `$ref` is resolved, all the schemas that speak of one place are read together, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chime_fixtures import pointer as json_pointer
from chime_fixtures.contract import instances
from chime_fixtures.contract.keywords import ARRAY, ASSERTIONS, BOOLEAN, NULL, NUMBER, OBJECT, STRING, TYPES
from chime_fixtures.contract.nodes import Arrays, Assertion, Constants, Node, Numbers, Objects, Shape, Strings
from chime_fixtures.contract.records import Constraint
from chime_fixtures.contract.survey import Subschema, Survey
from chime_fixtures.errors import UnsatisfiableSchemaError
from chime_fixtures.languages import Language, format_language


class Normaliser:
    """Makes the nodes of one survey; a node is made once for each set of schemas that meet.

    Attributes:
        root: the node of the whole instance.

    Raises:
        UnsatisfiableSchemaError: no value satisfies the schema.
    """

    def __init__(self, survey: Survey) -> None:
        self._nodes: dict[tuple[int, ...], Node] = {}
        self._schemas: dict[Node, tuple[Subschema, ...]] = {}
        self.root = self.node([survey.root])
        self._measure()
        if self.root.height is None:
            raise UnsatisfiableSchemaError(survey.root.pointer, self._clash())

    def node(self, schemas: Iterable[Subschema]) -> Node:
        """The node at which these schemas meet."""
        met = tuple(dict.fromkeys(found for schema in schemas for found in _follow(schema)))
        key = tuple(map(id, met))
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(tuple(_assertions(met)), lambda: tuple(self._shapes(met)))
            self._schemas[node] = met
        return node

    # Shapes ------------------------------------------------------------------------------------------------------

    def _shapes(self, schemas: tuple[Subschema, ...]) -> Iterator[Shape]:
        if any(schema.value is False for schema in schemas):
            return
        values = [(schema.keywords, schema) for schema in schemas]
        listed = _listed(keywords for keywords, _ in values)
        for kind in TYPES:
            integer = kind == NUMBER and any(_only_integers(keywords) for keywords, _ in values)
            if not all(_allows(keywords, kind) for keywords, _ in values):
                continue
            shape = self._shape(kind, integer, schemas)
            if listed is not None:
                chosen = tuple(value for value in listed if _fits(value, kind, integer, shape))
                shape = Constants(chosen) if chosen else None
            if shape is not None:
                yield shape

    def _shape(self, kind: str, integer: bool, schemas: tuple[Subschema, ...]) -> Shape | None:
        keywords = [schema.keywords for schema in schemas]
        if kind == NULL:
            return Constants((None,))
        if kind == BOOLEAN:
            return Constants((False, True))
        if kind == NUMBER:
            return _numbers(keywords, integer)
        if kind == STRING:
            return _strings(keywords)
        return self._arrays(schemas) if kind == ARRAY else self._objects(schemas)

    def _arrays(self, schemas: tuple[Subschema, ...]) -> Arrays | None:
        items = self.node(schema.children["items"] for schema in schemas if "items" in schema.children)
        keywords = [schema.keywords for schema in schemas]
        least = max((int(found["minItems"]) for found in keywords if "minItems" in found), default=0)
        most = min((int(found["maxItems"]) for found in keywords if "maxItems" in found), default=None)
        if most is not None and least > most:
            return None
        return Arrays(items, least, most, any(found.get("uniqueItems") for found in keywords))

    def _objects(self, schemas: tuple[Subschema, ...]) -> Objects:
        required = tuple(dict.fromkeys(name for schema in schemas for name in schema.keywords.get("required", ())))
        names = [name for schema in schemas for name in schema.children.get("properties", {})]
        members = {name: self._member(schemas, name) for name in dict.fromkeys([*names, *required])}
        return Objects(members, required, self._member(schemas, None))

    def _member(self, schemas: tuple[Subschema, ...], name: str | None) -> Node:
        """What a member must be; without a name, what one must be that no schema names."""
        found = []
        for schema in schemas:
            named = schema.children.get("properties", {})
            if name in named:
                found.append(named[name])
            elif "additionalProperties" in schema.children:
                found.append(schema.children["additionalProperties"])
        return self.node(found)

    # Satisfiability ----------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Give each node the height of its flattest value: a least fixed point, so that recursion ends."""
        reachable = list(_reach(self.root))
        for height in range(len(reachable) + 1):
            fresh = [node for node in reachable if node.height is None and _fits_below(node, height)]
            for node in fresh:
                node.height = height
            if not fresh and height:
                break

    def _clash(self) -> str:
        """The assertions of the first place that no value can fill."""
        node, place = self.root, ""
        passed: set[Node] = set()
        while node not in passed:
            passed.add(node)
            shape = node.shape(Objects)
            blocked = [name for name in shape.required if shape.members[name].height is None] if shape else []
            if not blocked:
                break
            node, place = shape.members[blocked[0]], json_pointer.join([blocked[0]], base=place)
        else:
            return f"{place} must be present at every level, without end"
        said = ", ".join(f"{item.keyword} {item.value!r}"[:60] for item in node.assertions) or "a false schema"
        return f"at {place or '/'} these exclude each other: {said}"


def _follow(schema: Subschema) -> Iterator[Subschema]:
    yield schema
    if schema.target is not None:
        yield from _follow(schema.target)


def _assertions(schemas: tuple[Subschema, ...]) -> Iterator[Assertion]:
    for schema in schemas:
        for keyword, value in schema.keywords.items():
            if keyword in ASSERTIONS:
                yield Assertion(keyword, value, schema.at(keyword))
        closed = schema.children.get("additionalProperties")
        if closed is not None and closed.value is False:
            yield Assertion("additionalProperties", False, schema.at("additionalProperties"))


def _types(keywords: dict[str, Any]) -> list[str]:
    types = keywords.get("type", [*TYPES])
    return [types] if isinstance(types, str) else types


def _allows(keywords: dict[str, Any], kind: str) -> bool:
    types = _types(keywords)
    return kind in types or (kind == NUMBER and "integer" in types)


def _only_integers(keywords: dict[str, Any]) -> bool:
    types = _types(keywords)
    return "integer" in types and NUMBER not in types


def _listed(every: Iterable[dict[str, Any]]) -> list[Any] | None:
    """The values that all the enumerations share; None without any enumeration."""
    lists = [
        [keywords["const"]] if word == "const" else keywords["enum"]
        for keywords in every
        for word in ("const", "enum")
        if word in keywords
    ]
    if not lists:
        return None
    rest = [{instances.key(value) for value in values} for values in lists[1:]]
    return [value for value in lists[0] if all(instances.key(value) in keys for keys in rest)]


def _fits(value: Any, kind: str, integer: bool, shape: Shape | None) -> bool:
    if instances.kind(value) != kind or shape is None or (integer and not instances.is_integer(value)):
        return False
    return matches(shape, value)


def matches(shape: Shape, value: Any) -> bool:
    """Whether a value, already of the shape's type, has the shape."""
    match shape:
        case Constants(values):
            return any(instances.equal(value, constant) for constant in values)
        case Numbers():
            return shape.admits(value)
        case Strings(language, is_free, shortest, longest):
            return (
                (shortest <= len(value) and (longest is None or len(value) <= longest))
                if is_free
                else value in language
            )
        case Arrays(items, least, most, is_unique):
            counted = least <= len(value) and (most is None or len(value) <= most)
            distinct = not is_unique or len({instances.key(item) for item in value}) == len(value)
            return counted and distinct and all(accepts(items, item) for item in value)
        case Objects(members, required, rest):
            return all(name in value for name in required) and all(
                accepts(members.get(name, rest), item) for name, item in value.items()
            )


def accepts(node: Node, value: Any) -> bool:
    """Whether some shape of the node has the value; used on enumerated values only, while a schema is read."""
    kinds: dict[str, type[Any]] = {NUMBER: Numbers, STRING: Strings, ARRAY: Arrays, OBJECT: Objects}
    kind = instances.kind(value)
    return any(
        matches(shape, value)
        for shape in node.shapes
        if isinstance(shape, Constants) or (kind in kinds and isinstance(shape, kinds[kind]))
    )


def _numbers(every: list[dict[str, Any]], integer: bool) -> Numbers | None:
    lows = [
        (found[word], word != "minimum") for found in every for word in ("minimum", "exclusiveMinimum") if word in found
    ]
    highs = [
        (found[word], word != "maximum") for found in every for word in ("maximum", "exclusiveMaximum") if word in found
    ]
    low, excludes_low = max(lows, default=(None, False))
    high, excludes_high = min(highs, default=(None, False), key=lambda bound: (bound[0], not bound[1]))
    shape = Numbers(integer, low, high, excludes_low, excludes_high)
    if low is None or high is None:
        return shape
    least, greatest = shape.least_integer, shape.greatest_integer
    assert least is not None
    assert greatest is not None
    empty = least > greatest if integer else low > high or (low == high and (excludes_low or excludes_high))
    return None if empty else shape


def _strings(every: list[dict[str, Any]]) -> Strings | None:
    shortest = max((int(found["minLength"]) for found in every if "minLength" in found), default=0)
    longest = min((int(found["maxLength"]) for found in every if "maxLength" in found), default=None)
    languages = []
    for found in every:
        if "pattern" in found:
            # What every engine finds: a value on which engines differ is never called valid.
            languages.append(Language.from_pattern(found["pattern"], dialect="every"))
        if "format" in found:
            form = format_language(found["format"])
            assert form is not None
            languages.append(form)
    language = languages[0] if languages else Language.anything()
    for other in languages[1:]:
        language &= other
    language = language.between(shortest, longest)
    return None if language.is_empty else Strings(language, not languages, shortest, longest)


def _reach(root: Node) -> Iterator[Node]:
    seen = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        for shape in node.shapes:
            children: Iterable[Node] = ()
            if isinstance(shape, Arrays):
                children = (shape.items,)
            elif isinstance(shape, Objects):
                children = (*shape.members.values(), shape.rest)
            for child in children:
                if child not in seen:
                    seen.add(child)
                    stack.append(child)


def _fits_below(node: Node, height: int) -> bool:
    """Whether some value of the node needs at most so many levels below it."""
    for shape in node.shapes:
        if isinstance(shape, Arrays):
            needed = [shape.items] if shape.least else []
        elif isinstance(shape, Objects):
            needed = [shape.members[name] for name in shape.required]
        else:
            return True
        if all(child.height is not None and child.height < height for child in needed):
            return True
    return False


def constraints(root: Node) -> Iterator[Constraint]:
    """Every assertion with the place it speaks of, in the schema's order; a recursive place is entered once."""
    yield from _constraints(root, "", ())


def _constraints(node: Node, path: str, above: tuple[Node, ...]) -> Iterator[Constraint]:
    for item in node.assertions:
        yield Constraint(path, item.keyword, item.value, item.schema_pointer)
    if node in above:
        return
    for shape in node.shapes:
        if isinstance(shape, Objects):
            for name, child in shape.members.items():
                yield from _constraints(child, json_pointer.join([name], base=path), (*above, node))
            if shape.rest.shapes:
                yield from _constraints(shape.rest, path + "/*", (*above, node))
        elif isinstance(shape, Arrays):
            yield from _constraints(shape.items, path + "/*", (*above, node))
