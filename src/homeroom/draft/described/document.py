"""An API description as plain values: its GET operations, their parameters and answers, with every `$ref` followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from homeroom.draft.described.shapes import Shape, Shapes, mapping, sequence, text_of

_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request: `place` is path, query, header or cookie."""

    name: str
    place: str
    required: bool
    shape: Shape
    described: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The good answer of an operation. `shape` is None where no schema is described; `headers` maps names to words."""

    shape: Shape | None
    described: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What GET does at a path. `segments` are the path's parts, as they are written."""

    path: str
    segments: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    answer: Answer
    summary: str
    described: str
    deprecated: bool
    security: tuple[Mapping[str, Any], ...] | None
    server: str
    """A server of its own; empty: the document's."""

    @property
    def query(self) -> tuple[Parameter, ...]:
        """Its query parameters."""
        return tuple(parameter for parameter in self.parameters if parameter.place == "query")

    def parameter(self, name: str) -> Parameter | None:
        """The path parameter of a name."""
        found = (each for each in self.parameters if each.place == "path" and each.name == name)
        return next(found, None)


def parameters_in(segment: str) -> tuple[str, ...]:
    """The names of the path parameters in a segment."""
    return tuple(_PARAMETER.findall(segment))


class Document:
    """A description that `read_description` has read."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.is_swagger = "swagger" in content
        self._shapes = Shapes(content)

    def shape(self, node: object) -> Shape:
        """A schema with its references followed, one level deep: its properties and items are schemas again."""
        return self._shapes.shape(node)

    def resolved(self, node: object) -> Mapping[str, Any]:
        """What a node is, behind its reference."""
        return self._shapes.resolved(node)

    @cached_property
    def title(self) -> str:
        """What the API calls itself; may be empty."""
        return text_of(mapping(self.content.get("info")).get("title"))

    @cached_property
    def described(self) -> str:
        """The description of the whole API."""
        return text_of(mapping(self.content.get("info")).get("description"))

    @cached_property
    def unresolved(self) -> tuple[str, ...]:
        """The references that lead nowhere in the document, such as those to other files; each once, sorted."""
        return tuple(sorted({ref for ref in _references(self.content) if self._shapes.target(ref) is None}))

    @cached_property
    def tells_null(self) -> bool:
        """Whether any schema of the document says that a value may be null. Else none of them is about nulls."""
        return any(_says_null(node) for node in _nodes(self.content))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every GET, in the order of the document."""
        found = []
        for path, raw in mapping(self.content.get("paths")).items():
            item = self._shapes.resolved(raw)
            if isinstance(path, str) and path.startswith("/") and isinstance(item.get("get"), Mapping):
                found.append(self._operation(path, item, item["get"]))
        return tuple(found)

    def post(self, path: str) -> Mapping[str, Any]:
        """The POST at a path; empty where there is none."""
        return mapping(self._shapes.resolved(mapping(self.content.get("paths")).get(path)).get("post"))

    def _operation(self, path: str, item: Mapping[str, Any], get: Mapping[str, Any]) -> Operation:
        given = [*sequence(item.get("parameters")), *sequence(get.get("parameters"))]
        found = (each for raw in given for each in self._exploded(self._parameter(raw)))
        parameters = {(each.name, each.place): each for each in found if each.name}
        servers = [*sequence(get.get("servers")), *sequence(item.get("servers"))]
        security = get.get("security")
        return Operation(
            path=path,
            segments=tuple(segment for segment in path.split("/") if segment),
            parameters=tuple(parameters.values()),
            answer=self._answer(get),
            summary=text_of(get.get("summary")),
            described=" ".join(filter(None, (text_of(get.get("description")), text_of(get.get("operationId"))))),
            deprecated=get.get("deprecated") is True,
            security=tuple(map(mapping, security)) if isinstance(security, list) else None,
            server=text_of(mapping(servers[0]).get("url")) if servers else "",
        )

    def _exploded(self, parameter: Parameter) -> Iterator[Parameter]:
        """An object in a query is sent as its fields (Spring's `pageable`); anything else is itself."""
        if parameter.place != "query" or not parameter.shape.properties:
            yield parameter
            return
        for name, raw in parameter.shape.properties.items():
            shape = self.shape(raw)
            yield Parameter(name, "query", name in parameter.shape.required, shape, shape.described)

    def _parameter(self, raw: object) -> Parameter:
        node = self._shapes.resolved(raw)
        schema = node.get("schema")
        if schema is None:
            content = mapping(node.get("content"))
            schema = mapping(next(iter(content.values()), None)).get("schema") if content else node
        shape = self.shape(schema)
        place = text_of(node.get("in"))
        described = text_of(node.get("description")) or shape.described
        required = node.get("required") is True or place == "path"
        return Parameter(text_of(node.get("name")), place, required, shape, described)

    def _answer(self, get: Mapping[str, Any]) -> Answer:
        responses = {str(status): raw for status, raw in mapping(get.get("responses")).items()}
        good = sorted(status for status in responses if status[:1] == "2")
        status = "200" if "200" in responses else good[0] if good else "default"
        node = self._shapes.resolved(responses.get(status))
        schema, media = self._body(get, node)
        headers = {
            str(name): text_of(self._shapes.resolved(raw).get("description"))
            for name, raw in mapping(node.get("headers")).items()
        }
        shape = self.shape(schema) if isinstance(schema, Mapping) and schema else None
        return Answer(shape, text_of(node.get("description")), headers, media)

    def _body(self, get: Mapping[str, Any], response: Mapping[str, Any]) -> tuple[object, tuple[str, ...]]:
        """The schema of an answer, and the media types that it may have."""
        if self.is_swagger:
            produced = sequence(get.get("produces")) or sequence(self.content.get("produces"))
            return response.get("schema"), tuple(map(str, produced))
        content = {str(kind): mapping(body) for kind, body in mapping(response.get("content")).items()}
        kinds = sorted(content, key=lambda kind: "json" not in kind.lower())
        return content[kinds[0]].get("schema") if kinds else None, tuple(content)


def _nodes(content: object) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a document, each once: YAML anchors may share them, and even make rings of them."""
    waiting: list[object] = [content]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            yield node
        waiting.extend(node.values() if isinstance(node, dict) else node)


def _references(content: object) -> Iterator[str]:
    found = (node.get("$ref") for node in _nodes(content))
    return (ref for ref in found if isinstance(ref, str))


def _says_null(node: Mapping[str, Any]) -> bool:
    kinds = node.get("type")
    is_marked = node.get("nullable") is True or node.get("x-nullable") is True
    return is_marked or kinds == "null" or (isinstance(kinds, list) and "null" in kinds)
