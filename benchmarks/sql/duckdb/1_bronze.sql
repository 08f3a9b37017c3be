-- Raw files -> bronze: typed, "not available" taken as missing, each row with the reason against it (or none).
-- One Parquet file, zstd level 1 as the product's. Rows keep no order, so both threads write.
COPY (
    SELECT
        *,
        CASE
            WHEN mmsi IS NULL OR mmsi NOT BETWEEN $ship_mmsi_minimum AND $ship_mmsi_maximum
                OR mmsi IN $shared_mmsi_numbers THEN 'mmsi_not_a_ship'
            WHEN latitude IS NULL THEN 'latitude_not_available'
            WHEN abs(latitude) > 90 THEN 'latitude_out_of_range'
            WHEN longitude IS NULL THEN 'longitude_not_available'
            WHEN abs(longitude) > 180 THEN 'longitude_out_of_range'
            WHEN latitude = 0 AND longitude = 0 THEN 'null_island'
            WHEN observed_at_utc IS NULL THEN 'timestamp_missing'
        END AS reject_reason
    FROM (
        SELECT
            MMSI AS mmsi,
            BaseDateTime AS observed_at_utc,
            nullif(LAT, 91) AS latitude,
            nullif(LON, 181) AS longitude,
            CASE WHEN SOG >= 0 AND SOG < $sog_censored_from_knots THEN SOG END AS sog_knots,
            CASE WHEN COG >= 0 AND COG < 360 THEN COG END AS cog_degrees,
            CASE WHEN Heading >= 0 AND Heading < 360 THEN Heading END AS heading_degrees,
            CASE WHEN Status BETWEEN 0 AND 14 THEN Status END AS navigational_status,
            nullif(try_cast(substr(IMO, 4) AS BIGINT), 0) AS imo_number,
            VesselName AS vessel_name,
            CallSign AS call_sign,
            CASE WHEN VesselType BETWEEN 1 AND 99 THEN VesselType END AS ais_ship_type,
            nullif(Length, 0) AS length_m,
            nullif(Width, 0) AS width_m,
            CASE WHEN Draft > 0 AND Draft < $draught_censored_from_m THEN Draft END AS draught_m,
            TransceiverClass AS transceiver_class
        FROM read_csv(
            $csv_paths, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {
                'MMSI': 'BIGINT', 'BaseDateTime': 'TIMESTAMP', 'LAT': 'DOUBLE', 'LON': 'DOUBLE',
                'SOG': 'DOUBLE', 'COG': 'DOUBLE', 'Heading': 'DOUBLE', 'VesselName': 'VARCHAR',
                'IMO': 'VARCHAR', 'CallSign': 'VARCHAR', 'VesselType': 'INTEGER', 'Status': 'INTEGER',
                'Length': 'DOUBLE', 'Width': 'DOUBLE', 'Draft': 'DOUBLE', 'Cargo': 'INTEGER',
                'TransceiverClass': 'VARCHAR'
            }
        )
    )
) TO '$out/bronze.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
