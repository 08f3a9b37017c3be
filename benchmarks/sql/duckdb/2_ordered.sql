-- The accepted rows in the method's order. The one sort of the job: what follows keeps the order, so windows
-- over the whole table stream. `is_near_port` says that a coarse tile holds a port's surroundings.
CREATE OR REPLACE TEMP TABLE ordered AS
SELECT
    mmsi,
    epoch_us(observed_at_utc) // 1000000 AS second,
    latitude,
    longitude,
    sog_knots,
    cog_degrees,
    heading_degrees,
    tile_of(latitude, longitude) IN (SELECT tile FROM port_tiles) AS is_near_port
FROM '$out/bronze.parquet'
WHERE reject_reason IS NULL
ORDER BY mmsi << 32 | second, latitude, longitude, sog_knots, cog_degrees, heading_degrees;
