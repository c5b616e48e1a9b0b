-- +goose Up
-- Zones along a path, the limits that hold in a zone, and which zones changed since a
-- version, so that who has the others need not read them again.

alter table tracking.zone
    drop constraint zone_check,
    add column corridor geometry(LineString, 4326),
    -- Metres to each side of the corridor.
    add column width double precision,
    -- Metres a second; null for none.
    add column speed_limit double precision,
    -- How long a vehicle may stay; null for none.
    add column dwell_limit interval,
    -- The version that the last change of its ground or its limits made.
    add column change_version bigint not null default 0,
    add constraint zone_one_ground check (num_nonnulls(area, center, corridor) = 1),
    add constraint zone_corridor_width check ((corridor is null) = (width is null)),
    add constraint zone_width_check check (width > 0),
    add constraint zone_speed_limit_check check (speed_limit > 0),
    add constraint zone_dwell_limit_check check (dwell_limit > interval '0');

create index zone_change_version on tracking.zone (change_version);

-- Who has the zones of an older version than whole_version has to read all: a row is gone.
alter table tracking.zone_version add column whole_version bigint not null default 0;

drop trigger zone_version on tracking.zone;
drop function tracking.move_zone_version();

-- Whoever is going to change zones waits here first, so that no two wait for each other's
-- rows, and versions become visible in their order.
-- +goose StatementBegin
create function tracking.lock_zone_version() returns trigger language plpgsql as $$
begin
    perform 1 from tracking.zone_version for update;
    return null;
end
$$;
-- +goose StatementEnd

create trigger zone_version_lock
    before insert or update or delete or truncate on tracking.zone
    for each statement execute function tracking.lock_zone_version();

-- Moves the version on, once in a transaction: its row is then the transaction's own.
-- +goose StatementBegin
create function tracking.move_zone_version() returns trigger language plpgsql as $$
begin
    update tracking.zone_version set version = version + 1 where xmin <> pg_current_xact_id()::xid;
    if tg_op in ('INSERT', 'UPDATE') then
        select version into strict new.change_version from tracking.zone_version;
        return new;
    end if;
    update tracking.zone_version set whole_version = version;
    return old;
end
$$;
-- +goose StatementEnd

create trigger zone_version_insert before insert on tracking.zone
    for each row execute function tracking.move_zone_version();
create trigger zone_version_delete before delete on tracking.zone
    for each row execute function tracking.move_zone_version();
create trigger zone_version_truncate before truncate on tracking.zone
    for each statement execute function tracking.move_zone_version();
-- A name may change without anybody having to look again. (Bytes are compared, because
-- the operators of geometries depend on a search path, which restoring a backup empties.)
create trigger zone_version_update before update on tracking.zone
    for each row
    when (row(old.id, ST_AsBinary(old.area), ST_AsBinary(old.center), old.radius, ST_AsBinary(old.corridor), old.width,
            old.speed_limit, old.dwell_limit, old.delete_time)
        is distinct from
        row(new.id, ST_AsBinary(new.area), ST_AsBinary(new.center), new.radius, ST_AsBinary(new.corridor), new.width,
            new.speed_limit, new.dwell_limit, new.delete_time))
    execute function tracking.move_zone_version();
