-- Tracks: a ship's path is cut where it would have needed more than the greatest implied speed, which is compared
-- after rounding to 0.01 kn. A track's id is the number of its first fix. (The product keeps several tracks open
-- and puts each fix on the nearest, which windows cannot say.) Repeated rows and other places of the same second
-- within `same_place_km` are left out.
CREATE OR REPLACE TEMP TABLE fixes AS
SELECT
    *,
    max(CASE WHEN seconds_since_previous IS NULL THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS track_id
FROM (
    SELECT
        * EXCLUDE (seconds, km, is_cut),
        CASE WHEN NOT is_cut THEN seconds END AS seconds_since_previous,
        CASE WHEN NOT is_cut THEN km END AS km_from_previous
    FROM (
        SELECT
            *,
            km > $same_place_km
                AND km * 3600 / $km_per_nautical_mile >= ($max_implied_speed_knots + 0.005) * seconds AS is_cut
        FROM (
            SELECT
                *,
                row_number() OVER () AS fix,
                lag(is_near_port) OVER () AS is_after_port,
                CASE WHEN lag(mmsi) OVER () = mmsi THEN second - lag(second) OVER () END AS seconds,
                CASE WHEN seconds IS NOT NULL
                    THEN great_circle_km(latitude, longitude, lag(latitude) OVER (), lag(longitude) OVER ())
                END AS km
            FROM ordered
        )
    )
    WHERE NOT coalesce(seconds = 0 AND km <= $same_place_km, false)
);
