-- +goose Up
-- The schema of the tracking area: devices, vehicles, zones, positions and what
-- follows from them. Only tracking writes here, with one exception: crm empties
-- the transition outbox.
create extension if not exists postgis;
create extension if not exists btree_gist;

create schema tracking;

create table tracking.device (
    id              bigint generated always as identity primary key,
    uid             text not null unique,
    display_name    text not null default '',
    imei            text not null default '',
    phone           text not null default '',
    time_zone       text not null default 'UTC',
    disabled        boolean not null default false,
    -- SHA-256 of salt and password: passwords are random and long, so a slow hash would add nothing.
    credential_salt bytea,
    credential_hash bytea,
    request_id      text unique,
    create_time     timestamptz not null default now(),
    update_time     timestamptz not null default now()
);

create unique index device_imei_key on tracking.device (imei) where imei <> '';
create unique index device_phone_key on tracking.device (phone) where phone <> '';

create table tracking.vehicle (
    id           bigint generated always as identity primary key,
    uid          text not null unique,
    display_name text not null default '',
    plate        text not null default '',
    request_id   text unique,
    create_time  timestamptz not null default now(),
    update_time  timestamptz not null default now()
);

-- Which device was on which vehicle, and when. A device is on one vehicle at a
-- time; a vehicle has one primary device at a time.
create table tracking.fitting (
    device_id  bigint not null references tracking.device (id),
    vehicle_id bigint not null references tracking.vehicle (id),
    is_primary boolean not null,
    from_time  timestamptz not null,
    to_time    timestamptz not null default 'infinity',
    primary key (device_id, from_time),
    check (from_time < to_time),
    constraint fitting_device_once exclude using gist
        (device_id with =, tstzrange(from_time, to_time) with &&),
    constraint fitting_primary_once exclude using gist
        (vehicle_id with =, tstzrange(from_time, to_time) with &&) where (is_primary)
);

create index fitting_vehicle on tracking.fitting (vehicle_id, from_time);

-- One row a device, created with it. No index on what changes, and room in each
-- page, so that every update is a heap-only one.
create table tracking.device_state (
    device_id     bigint primary key references tracking.device (id),
    -- Fences two writers of one device: each update moves it on by one.
    version       bigint not null default 0,
    -- Moved on, with the version, by every change of the device's fittings, so that
    -- who remembers them learns of it from the row that it uses anyway.
    fitting_version bigint not null default 0,
    -- The newest stored fix, which bounds what can be a duplicate.
    newest_time   timestamptz,
    -- The zones that the newest fix was in.
    zones         bigint[] not null default '{}',
    -- The vehicle that they were told of; null for none.
    vehicle_id    bigint,
    -- The live position: the newest fix.
    fix_time      timestamptz,
    received_time timestamptz,
    geom          geometry(Point, 4326),
    altitude      real,
    speed         real,
    course        real,
    accuracy      real,
    satellites    smallint,
    source        text,
    attributes    jsonb
) with (fillfactor = 50);

-- +goose StatementBegin
create function tracking.move_fitting_version() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update tracking.device_state set version = version + 1, fitting_version = fitting_version + 1 where device_id = old.device_id;
    end if;
    if tg_op = 'INSERT' or new.device_id <> old.device_id then
        update tracking.device_state set version = version + 1, fitting_version = fitting_version + 1 where device_id = new.device_id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

create trigger fitting_version
    after insert or update or delete on tracking.fitting
    for each row execute function tracking.move_fitting_version();

create table tracking.position (
    device_id     bigint not null,
    fix_time      timestamptz not null,
    received_time timestamptz not null,
    geom          geometry(Point, 4326) not null,
    altitude      real,
    speed         real,
    course        real,
    accuracy      real,
    satellites    smallint,
    source        text not null,
    attributes    jsonb,
    primary key (device_id, fix_time)
) partition by range (fix_time);

create table tracking.zone (
    id           bigint generated always as identity primary key,
    uid          text not null unique,
    display_name text not null default '',
    owner        text unique,
    area         geometry(MultiPolygon, 4326),
    center       geometry(Point, 4326),
    radius       double precision,
    request_id   text unique,
    create_time  timestamptz not null default now(),
    update_time  timestamptz not null default now(),
    -- Removed zones stay, because visits speak of them.
    delete_time  timestamptz,
    check ((area is null) <> (center is null)),
    check ((center is null) = (radius is null)),
    check (radius > 0)
);

-- One row that every change of a zone moves on, read in the transaction of each
-- batch: a fix is never derived with zones older than those it can see.
create table tracking.zone_version (
    only_row boolean primary key default true check (only_row),
    version  bigint not null default 0
);

insert into tracking.zone_version default values;

-- +goose StatementBegin
create function tracking.move_zone_version() returns trigger language plpgsql as $$
begin
    update tracking.zone_version set version = version + 1;
    return null;
end
$$;
-- +goose StatementEnd

create trigger zone_version
    after insert or update or delete on tracking.zone
    for each statement execute function tracking.move_zone_version();

-- What followed from the stored fixes, and holds. A statement that no longer
-- holds is deleted here and retracted in the outbox.
create table tracking.transition (
    device_id  bigint not null references tracking.device (id),
    time       timestamptz not null,
    zone_id    bigint not null references tracking.zone (id),
    kind       text not null check (kind in ('arrived', 'departed')),
    vehicle_id bigint references tracking.vehicle (id),
    primary key (device_id, time, zone_id, kind)
);

create index transition_vehicle on tracking.transition (vehicle_id, time) where vehicle_id is not null;
-- A vehicle's visits of one zone, at any time, without reading those of all time.
create index transition_visit on tracking.transition (vehicle_id, zone_id, kind, time) where vehicle_id is not null;

-- What crm has yet to hear. It takes rows for update skip locked, a vehicle's in
-- order of id, and deletes them in the transaction that acts on them.
create table tracking.transition_outbox (
    id        bigint generated always as identity primary key,
    device    text not null,
    vehicle   text not null,
    zone      text not null,
    owner     text not null default '',
    kind      text not null,
    time      timestamptz not null,
    retracted boolean not null,
    in_order  boolean not null,
    fresh     boolean not null
);

-- What waits after a long stop is taken vehicle by vehicle.
create index transition_outbox_vehicle on tracking.transition_outbox (vehicle, id);
