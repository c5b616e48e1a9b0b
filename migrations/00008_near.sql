-- +goose Up
-- Who was near a place, and days that are far back.

-- Metres on the sphere between a point and a longitude and latitude: the formula and
-- the radius of geo.Distance. (Not strict, so that it is inlined.)
create function tracking.distance(point geometry, lon double precision, lat double precision) returns double precision
    language sql immutable parallel safe
    return 2 * 6371008.7714 * asin(sqrt(least(1.0::double precision,
        sin(radians(lat - ST_Y(point)) / 2) ^ 2
        + cos(radians(ST_Y(point))) * cos(radians(lat)) * sin(radians(lon - ST_X(point)) / 2) ^ 2)));
