-- +goose Up
-- What is told in the present tense and follows from no fix: silence and long stays, who
-- has seen to an alert, and when we could hear at all.

-- The time in which fixes could reach us, up to now. Nobody is called silent for what we
-- could not hear: the clock of silence begins again with it.
create table tracking.hearing (
    only_row   boolean primary key default true check (only_row),
    since_time timestamptz not null,
    until_time timestamptz not null,
    check (since_time <= until_time)
);

alter table tracking.alert
    -- When somebody said that it is seen to, and who: the token's name.
    add column acknowledge_time timestamptz,
    add column acknowledged_by  text not null default '';

-- Those that hold come first, the newest first.
drop index tracking.alert_newest;
create index alert_newest on tracking.alert ((close_time is null) desc, open_time desc, id desc);
create index alert_vehicle on tracking.alert (vehicle_id, (close_time is null) desc, open_time desc, id desc);
-- What a dispatcher works through.
create index alert_pending on tracking.alert ((close_time is null) desc, open_time desc, id desc)
    where close_time is null or acknowledge_time is null;

-- Zero is never.
alter table tracking.device
    drop constraint device_silent_after_check,
    add constraint device_silent_after_check check (silent_after >= interval '0');
