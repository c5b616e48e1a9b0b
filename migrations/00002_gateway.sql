-- +goose Up
-- The schema of the gateway: what came in and could not become a fix.
create schema gateway;

create table gateway.rejected_input (
    id           bigint generated always as identity primary key,
    -- The road, and after a slash the format.
    source       text not null,
    sender       text not null,
    -- Who is held to account: the bound on rows is by origin.
    origin       text not null,
    device       text not null default '',
    topic        text not null default '',
    reason       text not null,
    detail       text not null default '',
    -- SHA-256 of topic and payload: the very same input has one row.
    digest       bytea not null,
    payload      bytea not null,
    payload_size bigint not null,
    count        bigint not null default 1,
    first_time   timestamptz not null,
    last_time    timestamptz not null,
    replay_time  timestamptz,
    constraint rejected_input_once unique (source, sender, reason, digest)
);

create index rejected_input_newest on gateway.rejected_input (last_time, id);
create index rejected_input_origin on gateway.rejected_input (origin, last_time, id);
create index rejected_input_device on gateway.rejected_input (device, last_time, id) where device <> '';
