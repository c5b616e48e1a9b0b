-- +goose Up
-- What is derived besides arrivals and departures: trips, stops, conditions, alerts,
-- and the states that derivation goes on and goes back from.

-- The state of derivation and the live fix go in and out as bytes that Go writes: an
-- update of a few columns is far cheaper than one of many, and no query looks inside.
-- What queries look at (when, where) stays in columns of its own.
alter table tracking.device_state
    -- What derivation remembers (waybill/tracking/derive). Null before the first fix, and
    -- for a device that was last seen before this column was: then zones and vehicle_id
    -- say what was told of it.
    add column derived bytea,
    -- The live fix: what it says besides fix_time, lon and lat. Null when never seen.
    add column live bytea,
    -- WGS-84 degrees. Two numbers are written far faster than a geometry.
    add column lon  double precision,
    add column lat  double precision,
    -- Whether an alert says that the device is silent: the next fix in order closes it.
    add column silent boolean not null default false;

-- In the order of waybill/tracking/postgres/live.go.
update tracking.device_state set lon = ST_X(geom), lat = ST_Y(geom), live =
    int8send((extract(epoch from received_time) * 1000000)::bigint)
    || float4send(coalesce(altitude, 'NaN')) || float4send(coalesce(speed, 'NaN'))
    || float4send(coalesce(course, 'NaN')) || float4send(coalesce(accuracy, 'NaN'))
    || int2send(coalesce(satellites, -1::smallint))
    || int2send(octet_length(source)::smallint) || convert_to(source, 'UTF8')
    || convert_to(coalesce(attributes::text, ''), 'UTF8')
where fix_time is not null;

alter table tracking.device_state
    drop column geom, drop column received_time, drop column altitude, drop column speed, drop column course,
    drop column accuracy, drop column satellites, drop column source, drop column attributes;

-- States of derivation as of some fixes of the past: a late fix goes back to the newest
-- of before it.
create table tracking.kept_state (
    device_id bigint not null references tracking.device (id),
    fix_time  timestamptz not null,
    derived   bytea not null,
    primary key (device_id, fix_time)
);

-- Trips, and the stops between them, that are over. The one under way is in the
-- device's state.
create table tracking.segment (
    device_id   bigint not null references tracking.device (id),
    start_time  timestamptz not null,
    end_time    timestamptz not null,
    stop        boolean not null,
    -- The fix that showed that it is over.
    stated_time timestamptz not null,
    vehicle_id  bigint references tracking.vehicle (id),
    -- The ends of a trip; both are the middle of a stop.
    start_geom  geometry(Point, 4326) not null,
    end_geom    geometry(Point, 4326) not null,
    -- Of a trip, in millimetres and metres a second.
    distance    bigint not null,
    max_speed   real not null,
    -- How long the engine ran during a stop.
    idle        interval not null,
    primary key (device_id, start_time, stop),
    check (start_time < end_time)
);

create index segment_vehicle on tracking.segment (vehicle_id, start_time) where vehicle_id is not null;

-- Where conditions began and ended: speeding, a low battery, an open door.
create table tracking.condition (
    device_id  bigint not null references tracking.device (id),
    time       timestamptz not null,
    condition  text not null,
    -- Whose limit it is; 0 for none.
    zone_id    bigint not null default 0,
    began      boolean not null,
    vehicle_id bigint references tracking.vehicle (id),
    -- What was measured when it began.
    value      double precision not null default 0,
    primary key (device_id, time, condition, zone_id, began)
);

create index condition_vehicle on tracking.condition (vehicle_id, time) where vehicle_id is not null;

-- Conditions that hold and that somebody should see to, and those of the past. Those
-- that follow from no fix (silence, a long stay) come from a sweep.
create table tracking.alert (
    id         bigint generated always as identity primary key,
    device_id  bigint not null references tracking.device (id),
    vehicle_id bigint references tracking.vehicle (id),
    condition  text not null,
    zone_id    bigint not null default 0,
    value      double precision not null default 0,
    open_time  timestamptz not null,
    close_time timestamptz,
    check (open_time <= close_time)
);

create unique index alert_open on tracking.alert (device_id, condition, zone_id) where close_time is null;
create index alert_newest on tracking.alert (open_time desc, id desc);

-- What a device is to be told of. Null is no limit.
alter table tracking.device
    add column speed_limit     double precision check (speed_limit > 0),
    add column temperature_min double precision,
    add column temperature_max double precision,
    add column tilt_limit      double precision check (tilt_limit > 0),
    add column door_alert      boolean not null default false,
    -- How long it may be silent; null is the setting for all.
    add column silent_after    interval check (silent_after > interval '0');

-- Who remembers the fittings of a device remembers its limits with them.
-- +goose StatementBegin
create function tracking.move_limit_version() returns trigger language plpgsql as $$
begin
    update tracking.device_state set version = version + 1, fitting_version = fitting_version + 1 where device_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd

create trigger limit_version
    after update of speed_limit, temperature_min, temperature_max, tilt_limit, door_alert on tracking.device
    for each row execute function tracking.move_limit_version();
