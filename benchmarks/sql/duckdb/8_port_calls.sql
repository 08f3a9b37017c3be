-- Visits less than `merge_visits_hours` apart are one; with a stop or a gap that is long enough it is a port call.
CREATE OR REPLACE TEMP TABLE port_calls AS
WITH numbered AS (
    SELECT
        *, count(*) FILTER (is_new) OVER (PARTITION BY track_id, port ORDER BY first_second) AS number
    FROM (
        SELECT
            *,
            coalesce(
                first_second - lag(exit_second) OVER (PARTITION BY track_id, port ORDER BY first_second)
                    >= $merge_visits_hours * 3600,
                true
            ) AS is_new
        FROM visits
    )
), merged AS (
    SELECT
        track_id, port,
        min(first_second) AS first_second,
        max(last_second) AS last_second,
        bool_or(is_entry_seen AND is_new) AS is_entry_seen,
        last(exit_second ORDER BY first_second) AS exit_second,
        coalesce(last(exit_after_gap ORDER BY first_second), false) AS exit_after_gap,
        sum(stop_seconds) AS stop_seconds,
        max(longest_stop_seconds) AS longest_stop_seconds,
        sum(gap_seconds) AS gap_seconds
    FROM numbered
    GROUP BY track_id, port, number
), classes AS (
    SELECT mmsi, arg_max(vessel_class, messages) AS vessel_class
    FROM (
        SELECT mmsi, vessel_class_of(ais_ship_type) AS vessel_class, count(*) AS messages
        FROM '$out/bronze.parquet'
        WHERE ais_ship_type IS NOT NULL
        GROUP BY ALL
    )
    GROUP BY mmsi
)
SELECT
    mmsi, track_id, port_locode,
    CASE WHEN longest_stop_seconds >= $min_stop_minutes * 60 OR gap_seconds > 0
        THEN 'port_call' ELSE 'passage' END AS event_type,
    make_timestamp(first_second * 1000000) AS first_seen_at_utc,
    CASE WHEN is_entry_seen THEN first_seen_at_utc END AS arrived_at_utc,
    make_timestamp(exit_second * 1000000) AS departed_at_utc,
    make_timestamp(last_second * 1000000) AS last_seen_at_utc,
    exit_after_gap,
    CASE WHEN exit_after_gap THEN last_second - first_second ELSE exit_second - first_second END / 3600
        AS stay_hours_if_entered,
    CASE WHEN is_entry_seen AND exit_second IS NOT NULL THEN stay_hours_if_entered END AS stay_hours,
    stop_seconds / 3600 AS stop_hours,
    gap_seconds / 3600 AS gap_hours,
    CASE WHEN event_type = 'passage' THEN 1
        ELSE 2 + is_entry_seen::INTEGER + (exit_second IS NOT NULL AND NOT exit_after_gap)::INTEGER END AS confidence,
    coalesce(vessel_class, 'other') AS vessel_class
FROM merged
JOIN (SELECT fix AS track_id, mmsi FROM fixes WHERE fix = track_id) USING (track_id)
JOIN ports USING (port)
LEFT JOIN classes USING (mmsi);
