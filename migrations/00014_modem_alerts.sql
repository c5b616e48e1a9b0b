-- +goose Up
-- What of modems needs a hand: conditions that hold, and held.
create table gateway.modem_alert (
    id               bigint generated always as identity primary key,
    -- The host that the modem is at, the modem's name there, and the path of its port.
    gateway          text not null,
    modem            text not null,
    path             text not null,
    condition        text not null,
    -- What was measured when it began, in the unit of the condition.
    value            double precision not null,
    detail           text not null,
    open_time        timestamptz not null,
    close_time       timestamptz,
    acknowledge_time timestamptz,
    acknowledged_by  text not null default '',
    check (open_time <= close_time)
);

-- One condition of a modem holds once.
create unique index modem_alert_open on gateway.modem_alert (gateway, modem, condition) where close_time is null;
-- Those that hold come first, the newest first.
create index modem_alert_newest on gateway.modem_alert ((close_time is null) desc, open_time desc, id desc);
