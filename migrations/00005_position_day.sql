-- +goose Up
-- Finished days of positions: when each was sealed, and what came since.

-- The cell of 0.01 degrees that a point is in, numbered by rows from the south
-- pole. Sealed days have an index over it and the time. (A body that is parsed here
-- depends on no search path, which restoring a backup empties.)
create function tracking.cell(point geometry) returns integer
    language sql immutable strict parallel safe
    return floor((ST_Y(point) + 90) * 100)::integer * 36001 + floor((ST_X(point) + 180) * 100)::integer;

create table tracking.position_day (
    day         date primary key,
    -- Null until the day is sealed for the first time.
    sealed_time timestamptz,
    -- How many rows were in it then.
    sealed_rows bigint not null default 0,
    -- How many came since, besides those that tracking.position_late still names.
    late_rows   bigint not null default 0
);

-- The keys of what came into sealed days, and into days that are being sealed.
create table tracking.position_late (
    device_id bigint not null,
    fix_time  timestamptz not null
);

create index position_late_fix_time on tracking.position_late (fix_time);

-- +goose StatementBegin
create function tracking.note_late_position() returns trigger language plpgsql as $$
begin
    insert into tracking.position_late (device_id, fix_time) values (new.device_id, new.fix_time);
    return null;
end
$$;
-- +goose StatementEnd
