-- +goose Up
-- What devices say without saying where they are: calls for help and other alarms from
-- where there is no reception.

create table tracking.device_event (
    id            bigint generated always as identity primary key,
    device_id     bigint not null references tracking.device (id),
    -- The sender's own: the same event has the same.
    event_key     text not null,
    kind          text not null,
    time          timestamptz not null,
    received_time timestamptz not null,
    -- The one that the device was on then.
    vehicle_id    bigint references tracking.vehicle (id),
    source        text not null,
    text          text not null default '',
    constraint device_event_once unique (device_id, event_key)
);

create index device_event_newest on tracking.device_event (device_id, time desc, event_key desc);

alter table tracking.alert
    -- The event that opened it; null for one that follows from fixes, which end it.
    add column device_event_id bigint references tracking.device_event (id);

-- Those that no fix ends by itself, for the sweep.
create index alert_event_open on tracking.alert (device_id) where device_event_id is not null and close_time is null;
-- Whether somebody has just seen to a call for help.
create index alert_sos on tracking.alert (device_id, acknowledge_time) where condition = 'sos';
