-- The fixes near ports, each with the fix after the last of them, in order: all that a visit can be made of.
-- `anchor_fix` and `anchor_port` say where the ship was last inside a port; `is_within` whether this fix still
-- belongs to that visit by its distance alone.
CREATE OR REPLACE TEMP TABLE port_fixes AS
SELECT
    fix, track_id, second, seconds_since_previous, speed_knots, anchor_fix, anchor_port,
    coalesce(
        is_inside OR least(
            great_circle_km(latitude, longitude, latitude_1, longitude_1),
            great_circle_km(latitude, longitude, latitude_2, longitude_2)
        ) <= $point_port_exit_km,
        false
    ) AS is_within
FROM (
    SELECT
        * EXCLUDE (anchor),
        anchor // 65536 AS anchor_fix,
        CASE WHEN anchor // 65536 >= track_id THEN anchor % 65536 END AS anchor_port
    FROM (
        SELECT *, max(fix * 65536 + port) OVER (ROWS UNBOUNDED PRECEDING) AS anchor
        FROM (
            SELECT
                fix, track_id, second, latitude, longitude, seconds_since_previous, port,
                port IS NOT NULL AS is_inside,
                coalesce(
                    sog_knots, km_from_previous / $km_per_nautical_mile / (seconds_since_previous / 3600)
                ) AS speed_knots
            FROM fixes LEFT JOIN inside USING (fix)
            WHERE is_near_port OR coalesce(is_after_port, false)
            ORDER BY fix
        )
    )
)
LEFT JOIN ports ON ports.port = anchor_port
ORDER BY fix;
