"""The pieces the format is made of: strict fields, references to ids, values with a short form."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

ID_PATTERN = r"^[a-z][a-z0-9_]*$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=60)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Small = Annotated[int, Field(ge=-1000, le=1000)]


class Ref(NamedTuple):
    """Marks a field that names something: one of `kinds` of a world's ids.

    The words in `bound` may stand for what the event at hand names.
    """

    kinds: tuple[str, ...]
    bound: tuple[str, ...] = ()


BOUND = ("actor", "item", "target", "room", "player")
RESERVED = frozenset((*BOUND, "self", "nowhere"))

ItemRef = Annotated[str, Ref(("item",))]
RoomRef = Annotated[str, Ref(("room",))]
RoleRef = Annotated[str, Ref(("role",))]
#: A role, or a blend of roles by weight: {thief: 0.6, healer: 0.4}.
PlayedRole = Annotated[
    str | Annotated[dict[str, Annotated[float, Field(gt=0, strict=False)]], Field(min_length=1)],
    Ref(("role",)),
]
FlagRef = Annotated[str, Ref(("flag",))]
QuestRef = Annotated[str, Ref(("quest",))]
EndingRef = Annotated[str, Ref(("ending",))]
AnyItem = Annotated[str, Ref(("item",), ("item", "target"))]
AnyCharacter = Annotated[str, Ref(("character",), ("actor", "item", "target", "player"))]
AnyThing = Annotated[str, Ref(("item", "character"), ("actor", "item", "target", "player"))]
AnyPlace = Annotated[str, Ref(("room", "item", "character"), BOUND)]
AnyHidden = Annotated[str, Ref(("item", "exit"), ("item", "target"))]
AnyRoom = Annotated[str, Ref(("room",), ("room",))]
StartPlace = Annotated[str, Ref(("room", "item", "character"), ("nowhere",))]


class Spec(BaseModel):
    """A mapping of the format: unknown fields and values of the wrong type are problems."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


class Short(Spec):
    """A mapping that may be written as the value of its field `main` alone.

    With `bare`, `true` stands for the mapping with nothing in it.
    """

    main: ClassVar[str]
    bare: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: Any) -> Any:
        if isinstance(value, dict | cls):
            return value
        if cls.bare and value is True:
            return {}
        return {cls.main: value}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        body = handler.resolve_ref_schema(schema)
        full = dict(body)
        short = {k: v for k, v in full["properties"][cls.main].items() if k != "default"}
        forms = [short, full] + ([{"const": True}] if cls.bare else [])
        body.clear()
        body["anyOf"] = forms
        if "description" in full:
            body["description"] = full.pop("description")
        return schema


class OneOf(Spec):
    """A mapping of exactly one entry, whose key says of what kind it is."""

    what: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) != 1:
            message = "expected one {what}, such as `{example}: ...`; got {count}"
            names = [f.alias or n for n, f in cls.model_fields.items()]
            about = {"what": cls.what, "example": names[0], "count": len(value)}
            raise PydanticCustomError("one_of", message, about)
        if isinstance(value, dict) and None in value.values():
            raise PydanticCustomError("one_of", "needs a value")
        return value

    @property
    def kind(self) -> str:
        (name,) = self.model_fields_set
        return type(self).model_fields[name].alias or name

    @property
    def value(self) -> Any:
        (name,) = self.model_fields_set
        return getattr(self, name)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        body = handler.resolve_ref_schema(schema)
        body["minProperties"] = body["maxProperties"] = 1
        return schema


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class OrOne:
    """Tells the JSON Schema that a list may also be one of its entries."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        return {"anyOf": [schema["items"], schema]}


T = TypeVar("T")

#: A list that may be written as its only entry.
Many = Annotated[list[T], BeforeValidator(_listed), OrOne()]


def _energy(value: Any) -> Any:
    return 0 if value is True else value


#: Health gained: a number (negative is poison), or `true` for none.
Energy = Annotated[
    Small,
    BeforeValidator(_energy),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": True}]}),
]


def _times(value: Any) -> Any:
    return 0 if value == "always" else value


#: How often something may happen; 0 within, `always` without.
Times = Annotated[
    Count,
    BeforeValidator(_times),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "always"}]}),
]
