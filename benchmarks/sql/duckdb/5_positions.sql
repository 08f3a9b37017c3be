-- Clean positions, one row a fix, with its H3 cell of resolution 6 and the port that holds it.
COPY (
    SELECT
        mmsi, track_id, make_timestamp(second * 1000000) AS observed_at_utc, latitude, longitude, sog_knots,
        cog_degrees, heading_degrees, seconds_since_previous, port_locode,
        h3_cell_res6(latitude, longitude) AS h3_res6
    FROM fixes LEFT JOIN inside USING (fix) LEFT JOIN ports USING (port)
) TO '$out/positions.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
