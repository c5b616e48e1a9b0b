-- +goose Up
-- Who was near a place, and positions of years that are far back.

-- Metres on the sphere between a point and a longitude and latitude: the formula and
-- the radius of geo.Distance. Degrees go by way of those from the south pole and the
-- antimeridian, where no number but 0 is so small that its square would underflow, which
-- is an error here. (Not strict, so that it is inlined.)
create function tracking.distance(point geometry, lon double precision, lat double precision) returns double precision
    language sql immutable parallel safe
    return 2 * 6371008.7714 * asin(sqrt(least(1.0::double precision,
        sin(radians((lat + 90) - (ST_Y(point) + 90)) / 2) ^ 2
        + cos(radians((ST_Y(point) + 90) - 90)) * cos(radians((lat + 90) - 90))
        * sin(radians((lon + 180) - (ST_X(point) + 180)) / 2) ^ 2)));

-- Positions of before this day are kept by the year, so that a device whose clock is
-- wrong, or who replays decades, makes some dozen tables and not thousands.
create table tracking.position_calendar (
    only_row   boolean primary key default true check (only_row),
    daily_from date not null
);

insert into tracking.position_calendar (daily_from)
values (date_trunc('year', now() at time zone 'UTC') - interval '1 year');
