-- The weekly indicators by port and class with totals over either and both, one row an observation.
COPY (
    WITH touched AS (
        SELECT
            port_locode, vessel_class, track_id, confidence, stay_hours, week,
            arrived_at_utc >= week AND arrived_at_utc < week + INTERVAL 7 DAY AS is_arriving,
            departed_at_utc >= week AND departed_at_utc < week + INTERVAL 7 DAY AS is_departing,
            departed_at_utc IS NULL OR departed_at_utc >= week + INTERVAL 7 DAY AS is_in_progress
        FROM (
            SELECT
                *,
                unnest(generate_series(
                    date_trunc('week', first_seen_at_utc), date_trunc('week', last_seen_at_utc), INTERVAL 7 DAY
                )) AS week
            FROM port_calls
            WHERE event_type = 'port_call'
        )
    ), wide AS (
        SELECT
            week, coalesce(port_locode, '_T') AS port_locode, coalesce(vessel_class, '_T') AS vessel_class,
            count(*) FILTER (is_arriving)::DOUBLE AS arrivals,
            count(*) FILTER (is_departing)::DOUBLE AS departures,
            count(DISTINCT track_id)::DOUBLE AS unique_vessels,
            count(*) FILTER (is_in_progress)::DOUBLE AS calls_in_progress,
            median(stay_hours) FILTER (is_departing) AS median_hours_in_port,
            avg((confidence = 4)::DOUBLE) FILTER (is_departing) AS share_complete_calls
        FROM touched
        GROUP BY GROUPING SETS (
            (week, port_locode, vessel_class), (week, port_locode), (week, vessel_class), (week)
        )
    )
    SELECT strftime(week, '%G-W%V') AS week, port_locode, vessel_class, indicator, value
    FROM wide UNPIVOT INCLUDE NULLS (
        value FOR indicator IN (
            arrivals, departures, unique_vessels, calls_in_progress, median_hours_in_port, share_complete_calls
        )
    )
) TO '$out/port_activity_weekly.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY port_calls TO '$out/port_calls.parquet' (FORMAT parquet, COMPRESSION zstd);
