"""Common parts of a scenario file's models: a strict base model, and numbers within their bounds."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]
Hours = Annotated[float, Field(gt=0)]
Minutes = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Knots = Annotated[float, Field(gt=0, le=40)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Span = tuple[float, float]


class Part(BaseModel):
    """One part of a scenario file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def require_order(name: str, span: Span) -> None:
    """Raises `ValueError` where the greater value comes first."""
    if span[0] > span[1]:
        raise ValueError(f"{name}: the smaller value comes first")
