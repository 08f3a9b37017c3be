-- The port whose circle holds each fix. Only fixes near a port need their H3 cell; either the whole cell lies in
-- the circle or the distance decides. Circles are of one size, so of several the first code wins.
CREATE OR REPLACE TEMP TABLE inside AS
SELECT fix, min(port) AS port
FROM (
    SELECT fix, latitude, longitude, h3_cell_res8(latitude, longitude) AS cell FROM fixes WHERE is_near_port
)
JOIN port_cells USING (cell)
WHERE is_inner OR great_circle_km(latitude, longitude, port_latitude, port_longitude) <= $point_port_entry_km
GROUP BY fix;
