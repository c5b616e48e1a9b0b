-- +goose Up
-- Formats of texts that operators taught.

create table gateway.text_pattern (
    id            bigint generated always as identity primary key,
    uid           text not null unique,
    display_name  text not null default '',
    -- RE2 with named groups; checked before it comes here.
    expression    text not null,
    time_layout   text not null default '',
    speed_unit    text not null default '',
    use_sent_time boolean not null default false,
    alarm         text not null default '',
    example       text not null,
    creator       text not null default '',
    request_id    text unique,
    create_time   timestamptz not null default now()
);

-- One row that every change moves on, so that who remembers patterns learns of it.
create table gateway.text_pattern_version (
    only_row boolean primary key default true check (only_row),
    version  bigint not null default 0
);

insert into gateway.text_pattern_version default values;

-- +goose StatementBegin
create function gateway.move_text_pattern_version() returns trigger language plpgsql as $$
begin
    update gateway.text_pattern_version set version = version + 1;
    return null;
end
$$;
-- +goose StatementEnd

create trigger text_pattern_version
    after insert or update or delete on gateway.text_pattern
    for each statement execute function gateway.move_text_pattern_version();

alter table gateway.rejected_input
    -- When the first was sent, where its road knows that: a text that tells no time may speak of that moment.
    add column sent_time timestamptz;
