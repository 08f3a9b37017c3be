-- Gaps and islands in two streaming passes. A visit begins inside a port and lasts until a fix beyond the exit
-- radius or inside another port; in it, a stop begins under one speed and ends above another.
-- A visit's and a stop's id is the number of its first fix.
CREATE OR REPLACE TEMP TABLE visits AS
WITH visiting AS (
    SELECT
        *,
        max(CASE WHEN NOT is_within THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS out_fix,
        max(CASE WHEN speed_knots < $stop_below_knots THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS slow_fix,
        max(CASE WHEN speed_knots > $stop_ends_above_knots THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS fast_fix,
        CASE WHEN anchor_fix > coalesce(out_fix, 0) THEN anchor_port END AS port
    FROM port_fixes
), numbered AS (
    SELECT
        * EXCLUDE (visit),
        CASE WHEN port IS NOT NULL THEN visit END AS visit,
        port IS NOT NULL AND slow_fix >= visit AND slow_fix > coalesce(fast_fix, 0) AS is_stopped
    FROM (
        SELECT
            *,
            max(CASE WHEN is_start THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS visit
        FROM (
            SELECT
                *,
                port IS NOT NULL AND coalesce(
                    lag(port) OVER () <> port OR lag(track_id) OVER () <> track_id, true
                ) OR port IS NOT NULL AND lag(port) OVER () IS NULL AS is_start
            FROM visiting
        )
    )
), stopping AS (
    SELECT
        *,
        max(CASE WHEN is_stopped AND NOT was_stopped THEN fix END) OVER (ROWS UNBOUNDED PRECEDING) AS stop,
        CASE WHEN previous_track = track_id AND previous_visit IS DISTINCT FROM visit THEN previous_visit END
            AS ended_visit
    FROM (
        SELECT
            *,
            lag(visit) OVER () AS previous_visit,
            lag(track_id) OVER () AS previous_track,
            coalesce(lag(is_stopped) OVER () AND previous_visit = visit, false) AS was_stopped
        FROM numbered
    )
), stops AS (
    SELECT
        visit, any_value(track_id) AS track_id, any_value(port) AS port,
        min(second) AS first_second, max(second) AS last_second,
        CASE WHEN bool_or(is_stopped) THEN
            max(second) FILTER (is_stopped OR was_stopped) - min(second) FILTER (is_stopped) END AS stop_seconds,
        coalesce(sum(seconds_since_previous) FILTER (
            fix > visit AND seconds_since_previous >= $gap_hours * 3600
        ), 0) AS gap_seconds
    FROM stopping
    WHERE visit IS NOT NULL
    GROUP BY visit, CASE WHEN is_stopped OR was_stopped THEN stop END
), exits AS (
    SELECT ended_visit AS visit, second AS exit_second, seconds_since_previous >= $gap_hours * 3600 AS exit_after_gap
    FROM stopping
    WHERE ended_visit IS NOT NULL
)
SELECT
    visit, track_id, port, first_second, last_second, exit_second, exit_after_gap, stop_seconds,
    longest_stop_seconds, gap_seconds, visit > track_id AS is_entry_seen
FROM (
    SELECT
        visit, any_value(track_id) AS track_id, any_value(port) AS port,
        min(first_second) AS first_second, max(last_second) AS last_second,
        coalesce(sum(stop_seconds), 0) AS stop_seconds, coalesce(max(stop_seconds), 0) AS longest_stop_seconds,
        sum(gap_seconds) AS gap_seconds
    FROM stops
    GROUP BY visit
)
LEFT JOIN exits USING (visit)
SEMI JOIN (SELECT track_id FROM fixes GROUP BY track_id HAVING count(*) >= $min_track_fixes) USING (track_id);
