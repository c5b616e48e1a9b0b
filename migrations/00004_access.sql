-- +goose Up
-- Tokens: who may call what. Secrets are random and long, and stored only as
-- SHA-256.
create schema access;

create table access.token (
    id           text primary key,
    display_name text not null default '',
    role         text not null,
    customer     text not null default '',
    device       text not null default '',
    secret_hash  bytea not null unique,
    create_time  timestamptz not null default now(),
    expire_time  timestamptz,
    revoke_time  timestamptz
);
