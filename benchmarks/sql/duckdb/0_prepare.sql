-- Functions and reference tables of the connection. Not timed.
CREATE OR REPLACE MACRO great_circle_km(latitude_a, longitude_a, latitude_b, longitude_b) AS
    2 * 6371 * asin(least(1.0, sqrt(
        pow(sin(radians(latitude_b - latitude_a) / 2), 2)
        + cos(radians(latitude_a)) * cos(radians(latitude_b))
        * pow(sin(radians(longitude_b - longitude_a) / 2), 2)
    )));

CREATE OR REPLACE MACRO tile_of(latitude, longitude) AS
    CAST(floor((latitude + 90) * $tiles_per_degree) AS INTEGER) * 360 * $tiles_per_degree
    + CAST(floor((longitude + 180) * $tiles_per_degree) AS INTEGER);

CREATE OR REPLACE MACRO vessel_class_of(ais_ship_type) AS
    CASE ais_ship_type // 10 $vessel_class_cases ELSE 'other' END;

CREATE OR REPLACE TABLE ports AS SELECT * FROM '$reference/ports.parquet';
CREATE OR REPLACE TABLE port_cells AS SELECT * FROM '$reference/port_cells.parquet';
CREATE OR REPLACE TABLE port_tiles AS SELECT * FROM '$reference/port_tiles.parquet';
