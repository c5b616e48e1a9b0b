-- +goose Up
-- Long texts come in parts, one message each. They are kept here until all are there, so
-- that none of them has to stay on the SIM meanwhile.

create table gateway.long_text (
    id            bigint generated always as identity primary key,
    -- What the parts of a text have in common. References are used again: several texts may
    -- have the same, and the times of their parts tell them apart.
    sim           text not null,
    sender        text not null,
    reference     integer not null,
    wide          boolean not null,
    total         smallint not null check (total between 2 and 255),
    -- The modem that read a part of it last.
    modem         text not null,
    missing       smallint not null check (missing >= 0),
    -- When the first part of it was kept, and when a part, perhaps a known one, was last seen.
    first_time    timestamptz not null,
    seen_time     timestamptz not null,
    -- Handing it over, whole or given up.
    tries         integer not null default 0,
    try_time      timestamptz,
    given_up_time timestamptz,
    done_time     timestamptz
);

create index long_text_parts on gateway.long_text (sender, reference, sim, total, wide);
create index long_text_whole on gateway.long_text (try_time nulls first, id) where missing = 0 and done_time is null;
create index long_text_waiting on gateway.long_text (first_time) where missing > 0 and given_up_time is null;
create index long_text_seen on gateway.long_text (seen_time);

create table gateway.text_part (
    long_text bigint not null references gateway.long_text (id) on delete cascade,
    number    smallint not null check (number between 1 and 255),
    -- The service centre's time stamp; null when it made no sense.
    sent_time timestamptz,
    pdu       bytea not null,
    primary key (long_text, number)
);

-- The texts that are counted in rejected_input already, by their digest: one that is read
-- again, because its deletion did nothing or its modem was lost, counts once.
create table gateway.rejected_text (
    id        bytea primary key,
    seen_time timestamptz not null
);

create index rejected_text_seen on gateway.rejected_text (seen_time);
