"""An order as a pydantic model."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Line(BaseModel):
    """One article of an order."""

    sku: Annotated[str, Field(min_length=1, max_length=32)]
    quantity: Annotated[int, Field(gt=0, le=999)]


class Order(BaseModel):
    """An order with its lines."""

    id: Annotated[str, Field(pattern="^o-[0-9]{6}$")]
    status: Literal["open", "paid", "shipped"] = "open"
    lines: Annotated[list[Line], Field(min_length=1)]
