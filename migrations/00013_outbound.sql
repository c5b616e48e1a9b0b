-- +goose Up
-- What the gateway sends by SMS: texts to people and commands to units.

create table gateway.outbound_text (
    id            bigint generated always as identity primary key,
    uid           text not null unique,
    -- A repeated request finds the text that the first one queued.
    request_id    text unique,
    recipient     text not null,
    body          text not null,
    -- As it may be shown: without passwords.
    shown_body    text not null,
    -- 1 command, 2 reply, 3 notice: the least goes first.
    priority      smallint not null check (priority between 1 and 3),
    state         text not null default 'queued' check (state in
        ('queued', 'sending', 'sent', 'delivered', 'answered', 'failed', 'expired', 'cancelled', 'unknown')),
    -- The fence: every change moves it on, and a change that names another one is refused.
    version       bigint not null default 0,
    encoding      text not null,
    characters    integer not null,
    parts         smallint not null check (parts > 0),
    -- Parts are sent in order, one at a time: this is how many the network has taken.
    parts_sent    smallint not null default 0 check (parts_sent between 0 and parts),
    parts_arrived smallint not null default 0,
    attempts      integer not null default 0,
    failures      integer not null default 0,
    -- Never sent again after an error, however definite.
    once          boolean not null default false,
    -- Whether a unit's answer is awaited after it was sent, and for how long.
    answer_within interval,
    -- The modem and SIM that had the last part. The parts of one text go by one SIM, or
    -- the receiver would not join them.
    modem         text not null default '',
    sim           text not null default '',
    -- Who has a part in hand, and until when that is believed.
    owner         text not null default '',
    lease_time    timestamptz,
    code          text not null default '',
    detail        text not null default '',
    creator       text not null default '',
    create_time   timestamptz not null,
    next_time     timestamptz not null,
    expire_time   timestamptz not null,
    sent_time     timestamptz,
    delivery_time timestamptz,
    -- Set with the end state, and never changed.
    end_time      timestamptz,
    check (end_time is null or state not in ('queued', 'sending', 'sent')),
    check (end_time is not null or state in ('queued', 'sending', 'sent', 'delivered'))
);

-- What can be sent, in the order in which it is.
create index outbound_text_queue on gateway.outbound_text (priority, id) where state = 'queued';
-- What is not at its end.
create index outbound_text_open on gateway.outbound_text (state, expire_time) where end_time is null;
create index outbound_text_recipient on gateway.outbound_text (recipient, id);
create index outbound_text_state on gateway.outbound_text (state, id);

-- The parts that the network has taken, by the reference it gave: what delivery reports are matched by.
create table gateway.outbound_part (
    text_id     bigint not null references gateway.outbound_text (id) on delete cascade,
    number      smallint not null,
    modem       text not null,
    sim         text not null,
    reference   smallint not null,
    recipient   text not null,
    sent_time   timestamptz not null,
    -- TP-ST of the newest report (3GPP TS 23.040, 9.2.3.15); null before the first.
    status      smallint,
    report_time timestamptz,
    primary key (text_id, number)
);

create index outbound_part_reference on gateway.outbound_part (sim, reference, recipient, sent_time);

-- Delivery reports that came before the reference of their part was committed. Those that wait in vain are dropped.
create table gateway.early_report (
    id             bigint generated always as identity primary key,
    sim            text not null,
    reference      smallint not null,
    recipient      text not null,
    status         smallint not null,
    discharge_time timestamptz,
    receive_time   timestamptz not null
);

create index early_report_reference on gateway.early_report (sim, reference, recipient);

-- Commands to units. One that has to be confirmed has no text before it is.
create table gateway.command (
    id             bigint generated always as identity primary key,
    uid            text not null unique,
    request_id     text unique,
    device         text not null,
    kind           text not null,
    model          text not null,
    recipient      text not null,
    body           text not null,
    shown_body     text not null,
    parameters     jsonb not null default '{}',
    -- How the answer is known: a regular expression, and whether a position is one.
    answer_pattern text not null default '',
    answer_fix     boolean not null default false,
    answer_within  interval not null,
    once           boolean not null default false,
    expire_within  interval not null,
    creator        text not null default '',
    create_time    timestamptz not null,
    -- SHA-256 of the token that confirms it; null where none is needed.
    confirm_hash   bytea,
    confirm_until  timestamptz,
    confirmer      text not null default '',
    confirm_time   timestamptz,
    text_id        bigint unique references gateway.outbound_text (id),
    answer         text,
    -- The id of the text that answered: read again, it answers nothing else.
    answer_id      text unique,
    answer_time    timestamptz
);

create index command_device on gateway.command (device, id);

-- Templates of commands that operators have written; those that the program carries are not here.
create table gateway.command_template (
    model          text not null,
    kind           text not null,
    display_name   text not null default '',
    body           text not null,
    answer_pattern text not null default '',
    answer_fix     boolean not null default false,
    answer_within  interval not null,
    confirm        boolean not null default false,
    update_time    timestamptz not null default now(),
    primary key (model, kind)
);
