-- +goose Up
-- The schema of the crm area: customers with their places, our own places, orders
-- with their shipments and what happened to them, and the links that show them.
create extension if not exists postgis;
create extension if not exists pg_trgm;

create schema crm;

create table crm.customer (
    id           text primary key,
    display_name text not null,
    language     text not null default 'en',
    phone        text not null default '',
    email        text not null default '',
    request_id   text unique,
    create_time  timestamptz not null default now(),
    update_time  timestamptz not null default now()
);

create index customer_by_name on crm.customer (display_name, id);
create index customer_name_words on crm.customer using gin (display_name gin_trgm_ops);
-- People remember the end of a number: what is stored is read backwards.
create index customer_phone_end on crm.customer (reverse(phone) text_pattern_ops) where phone <> '';

create table crm.contact (
    customer     text not null references crm.customer (id),
    id           text not null,
    display_name text not null,
    phone        text not null default '',
    email        text not null default '',
    language     text not null default '',
    request_id   text unique,
    primary key (customer, id)
);

create index contact_name_words on crm.contact using gin (display_name gin_trgm_ops);
create index contact_phone_end on crm.contact (reverse(phone) text_pattern_ops) where phone <> '';

-- The ground of a site or facility is a circle around its point unless it has an
-- area or a circle of its own.
create table crm.site (
    customer     text not null references crm.customer (id),
    id           text not null,
    display_name text not null,
    address      text not null default '',
    point        geometry(Point, 4326) not null,
    area         geometry(MultiPolygon, 4326),
    center       geometry(Point, 4326),
    radius       double precision check (radius > 0),
    request_id   text unique,
    primary key (customer, id),
    check ((center is null) = (radius is null)),
    check (area is null or center is null)
);

create table crm.facility (
    id           text primary key,
    display_name text not null,
    kind         text not null check (kind in ('factory', 'warehouse', 'hub')),
    address      text not null default '',
    point        geometry(Point, 4326) not null,
    area         geometry(MultiPolygon, 4326),
    center       geometry(Point, 4326),
    radius       double precision check (radius > 0),
    request_id   text unique,
    check ((center is null) = (radius is null)),
    check (area is null or center is null)
);

create index facility_by_name on crm.facility (display_name, id);
-- As geography: the nearest in metres is not the nearest in degrees.
create index facility_near on crm.facility using gist ((point::geography));

create table crm.station (
    facility     text not null references crm.facility (id),
    id           text not null,
    display_name text not null,
    line         text not null default '',
    request_id   text unique,
    primary key (facility, id)
);

create table crm.storage_location (
    facility     text not null references crm.facility (id),
    id           text not null,
    display_name text not null,
    request_id   text unique,
    primary key (facility, id)
);

-- Numbers for orders that come without one.
create sequence crm.order_number start 1001;

create table crm.orders (
    id           text primary key,
    customer     text not null references crm.customer (id),
    reference    text not null default '',
    destination  text,
    window_start timestamptz,
    window_end   timestamptz,
    -- Over all shipments, computed from their events.
    status       text not null default 'pending',
    request_id   text unique,
    create_time  timestamptz not null default now(),
    update_time  timestamptz not null default now(),
    foreign key (customer, destination) references crm.site (customer, id),
    check (window_start < window_end)
);

create index orders_newest on crm.orders (create_time desc, id desc);
create index orders_of_customer on crm.orders (customer, create_time desc, id desc);
create index orders_open on crm.orders (status, create_time desc, id desc) where status <> 'delivered';
create index orders_number_words on crm.orders using gin (id gin_trgm_ops);
create index orders_reference_words on crm.orders using gin (reference gin_trgm_ops) where reference <> '';

create table crm.order_line (
    order_id    text not null references crm.orders (id),
    number      integer not null check (number > 0),
    sku         text not null default '',
    description text not null default '',
    quantity    double precision not null check (quantity > 0),
    unit        text not null default '',
    primary key (order_id, number)
);

create table crm.shipment (
    order_id    text not null references crm.orders (id),
    id          text not null,
    -- Computed from the events, kept for lists.
    stage       text not null default '',
    status      text not null default 'pending',
    disposition text not null default '',
    request_id  text unique,
    create_time timestamptz not null default now(),
    primary key (order_id, id)
);

-- What a shipment carries; the whole order when it has no rows here.
create table crm.shipment_line (
    order_id    text not null,
    shipment    text not null,
    line_number integer not null,
    quantity    double precision not null check (quantity > 0),
    primary key (order_id, shipment, line_number),
    foreign key (order_id, shipment) references crm.shipment (order_id, id),
    foreign key (order_id, line_number) references crm.order_line (order_id, number)
);

-- What happened to shipments, in words of EPCIS. Nothing is deleted: what turned
-- out not to hold is declared an error.
create table crm.event (
    id                bigint generated always as identity primary key,
    order_id          text not null,
    shipment          text not null,
    biz_step          text not null,
    disposition       text not null,
    event_time        timestamptz not null,
    record_time       timestamptz not null default clock_timestamp(),
    -- Resource name of a facility, station, storage location or site.
    read_point        text not null default '',
    -- Uid of a vehicle, which tracking knows.
    vehicle           text not null default '',
    automatic         boolean not null default false,
    note              text not null default '',
    correction_reason text not null default '',
    correction_time   timestamptz,
    request_id        text unique,
    foreign key (order_id, shipment) references crm.shipment (order_id, id),
    check ((correction_time is null) = (correction_reason = ''))
);

create index event_of_shipment on crm.event (order_id, shipment, event_time, record_time, id);
create unique index event_automatic_once on crm.event (order_id, shipment, biz_step, vehicle, event_time)
    where automatic and correction_time is null;

-- Who had a shipment and when, computed from its events: the holder is a resource
-- name. By it a transition finds the shipments that it moves.
create table crm.custody (
    order_id  text not null,
    shipment  text not null,
    holder    text not null,
    from_time timestamptz not null,
    to_time   timestamptz not null default 'infinity',
    primary key (order_id, shipment, from_time),
    foreign key (order_id, shipment) references crm.shipment (order_id, id),
    check (from_time < to_time)
);

create index custody_of_holder on crm.custody (holder, to_time, from_time);

-- Links that show an order to whoever has one. The secret is random and long, and
-- stored only as SHA-256.
create table crm.tracking_link (
    order_id    text not null references crm.orders (id),
    id          text not null,
    secret_hash bytea not null unique,
    request_id  text unique,
    create_time timestamptz not null default now(),
    expire_time timestamptz not null,
    revoke_time timestamptz,
    primary key (order_id, id)
);

-- Known places, to say in words where a vehicle is.
create table crm.place (
    id      text primary key,
    name    text not null,
    -- By language: {"zh": "..."}.
    names   jsonb not null default '{}',
    country text not null default '',
    geog    geography(Point, 4326) not null
);

create index place_near on crm.place using gist (geog);

-- crm reads the outbox a vehicle at a time.
create index transition_outbox_of_vehicle on tracking.transition_outbox (vehicle, id);
