"""Sizes of ships for the payload: from the register, else class means by length, else usual ratios (methodology 9)."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ais_indicators.rules import Rules

SIZES: Final = ("length_m", "width_m", "deadweight_t", "design_draught_m", "displacement_t")
DRY_CLASSES: Final = ("container", "dry_bulk", "general_cargo", "roro")
UNSPECIFIED: Final = "cargo_unspecified"
_RATIOS: Final = ("length_per_width", "draught_per_width", "deadweight_share")


def hulls_of(ships: pl.DataFrame, register: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds to each ship the sizes and coefficients that the payload formula needs.

    What the register lacks is estimated: the width from the length, the design draught from the width, the
    deadweight from the displacement, by the medians of the register's ships of the class in the band of lengths, else
    in the class, else by the rules' ratios (tankers' design draught: from the length). A width that the length
    contradicts counts as missing. `hull_source` says `register` where nothing of it was estimated.

    Args:
        ships: Columns `vessel_id, vessel_class`, the columns of `SIZES` (null if unknown) and any others; one row
            a ship or event.
        register: Columns `vessel_class` and those of `SIZES`, one row per ship of the register.
        rules: Rules of the lake's subject.

    Returns:
        The ships in their order, sizes filled where the length is known, with `block_coefficient`,
        `block_coefficient_sd`, `hull_source` (`register`, `class_mean`, `ratio`, `none`).
    """
    filled = _with_class_ratios(
        _with_plausible_sizes(ships, rules), _class_ratios(register, rules), rules
    ).with_columns(
        **_used_ratios(rules),
        is_known=pl.all_horizontal(
            pl.col("deadweight_t", "design_draught_m", "width_m", "length_m").is_not_null()
        ),
        has_class_mean=pl.col("draught_per_width_of_class").is_not_null(),
    )
    return _estimate(filled, rules).drop(
        "band",
        *_RATIOS,
        *(f"{name}_of_class" for name in _RATIOS),
        "is_known",
        "has_class_mean",
        "usual_block",
    )


def _with_class_ratios(ships: pl.DataFrame, ratios: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Adds `band`, and the ratios of the ship's class: in its band of lengths, and as `_of_class` in all bands."""
    by_band = ratios.filter(pl.col("band").is_not_null())
    by_class = ratios.filter(pl.col("band").is_null()).drop("band")
    return (
        ships.with_columns(band=(pl.col("length_m") // rules.hull_length_band_m).cast(pl.Int64))
        .join(by_band, on=["vessel_class", "band"], how="left", maintain_order="left")
        .join(by_class, on="vessel_class", how="left", maintain_order="left", suffix="_of_class")
    )


def _used_ratios(rules: Rules) -> dict[str, pl.Expr]:
    """Returns ratios by name: the register's for the band, otherwise for the class, otherwise the rules'."""
    defaults = {
        name: pl.col("vessel_class").replace_strict(ratios, default=None, return_dtype=pl.Float64)
        for name, ratios in zip(_RATIOS, _usual_ratios(rules), strict=True)
    }
    used = {name: pl.coalesce(name, f"{name}_of_class", defaults[name]) for name in _RATIOS}
    used["draught_per_width"] = pl.coalesce(
        "draught_per_width", "draught_per_width_of_class",
        _draught_by_length(rules) / pl.coalesce("width_m", pl.col("length_m") / used["length_per_width"]),
        defaults["draught_per_width"],
    )  # fmt: skip
    return used


def _with_plausible_sizes(ships: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Corrects sizes that vessels without a deadweight sent and that cannot be true.

    A length that no vessel has gives way to the usual one for the width. A width that the length contradicts counts as
    missing.
    """
    least, most = rules.hull_length_to_width_range
    usual = pl.col("vessel_class").replace_strict(
        rules.hull_length_per_width, default=None, return_dtype=pl.Float64
    )
    is_known = pl.col("deadweight_t").is_not_null()
    is_possible = (pl.col("length_m") <= rules.hull_longest_m).fill_null(True)
    is_plausible = (pl.col("length_m") / pl.col("width_m")).is_between(least, most)
    return ships.with_columns(
        length_m=pl.when(is_known | is_possible).then("length_m").otherwise(usual * pl.col("width_m"))
    ).with_columns(width_m=pl.when(is_known | pl.col("length_m").is_null() | is_plausible).then("width_m"))


def _draught_by_length(rules: Rules) -> pl.Expr:
    """Returns the design draught in metres by the usual ratio to length; null for classes without such a ratio."""
    length = pl.col("length_m")
    ratio = pl.lit(None, pl.Float64)
    for vessel_class, steps in rules.hull_draught_per_length.items():
        for first_m, value in steps:
            is_of_step = (pl.col("vessel_class") == vessel_class) & (length >= first_m)
            ratio = pl.when(is_of_step).then(pl.lit(float(value))).otherwise(ratio)
    return ratio * length


def _estimate(filled: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    usual = pl.col("vessel_class").replace_strict(
        rules.block_coefficient_by_class, default=None, return_dtype=pl.Float64
    )
    water = rules.sea_water_t_per_m3
    box = pl.col("length_m") * pl.col("width_m") * pl.col("design_draught_m")
    measured = pl.col("displacement_t") / (box * water)
    is_sound = measured.is_between(0.0, 1.0, closed="none")
    return (
        filled.with_columns(
            usual_block=usual, width_m=pl.coalesce("width_m", pl.col("length_m") / pl.col("length_per_width"))
        )
        .with_columns(
            design_draught_m=pl.coalesce("design_draught_m", pl.col("width_m") * pl.col("draught_per_width"))
        )
        .with_columns(
            block_coefficient=pl.when(is_sound).then(measured).otherwise(pl.col("usual_block")),
            block_coefficient_sd=pl.when(is_sound)
            .then(rules.block_coefficient_sd_register)
            .otherwise(rules.block_coefficient_sd_class),
        )
        .with_columns(
            deadweight_t=pl.coalesce(
                "deadweight_t", box * pl.col("block_coefficient") * water * pl.col("deadweight_share")
            )
        )
        .with_columns(
            hull_source=pl.when(pl.col("deadweight_t").is_null() | pl.col("design_draught_m").is_null())
            .then(pl.lit("none"))
            .when("is_known")
            .then(pl.lit("register"))
            .when("has_class_mean")
            .then(pl.lit("class_mean"))
            .otherwise(pl.lit("ratio"))
        )
    )


def _usual_ratios(rules: Rules) -> tuple[Mapping[str, float], ...]:
    """Returns the rules' ratios by class, in the order of `_RATIOS`."""
    return rules.hull_length_per_width, rules.hull_draught_per_width, rules.hull_deadweight_share


def _class_ratios(register: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns the median ratios of the register's ships by class and band of lengths, and by class (band null)."""
    dry = register.filter(pl.col("vessel_class").is_in(DRY_CLASSES)).with_columns(
        vessel_class=pl.lit(UNSPECIFIED)
    )
    ships = pl.concat([register, dry]).filter(
        pl.all_horizontal((pl.col(name) > 0).fill_null(False) for name in SIZES)
    )
    ratios = ships.select(
        "vessel_class",
        band=(pl.col("length_m") // rules.hull_length_band_m).cast(pl.Int64),
        length_per_width=pl.col("length_m") / pl.col("width_m"),
        draught_per_width=pl.col("design_draught_m") / pl.col("width_m"),
        deadweight_share=pl.col("deadweight_t") / pl.col("displacement_t"),
    )
    by_band = ratios.group_by("vessel_class", "band").agg(pl.col(*_RATIOS).median())
    by_class = ratios.group_by("vessel_class").agg(pl.col(*_RATIOS).median())
    return pl.concat([by_band, by_class], how="diagonal").sort("vessel_class", "band", nulls_last=True)
