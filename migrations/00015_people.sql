-- +goose Up
-- Customers by SMS: a code that a person can type for each tracking link, what was said
-- to whom, the texts that are still to be handed to the gateway, and who wants none.

-- Eight characters of Crockford's base 32: 40 random bits. What it opens is less than
-- what the link does, and asking is limited by number, so it is kept as it is, to be
-- shown again.
alter table crm.tracking_link add column code text;
update crm.tracking_link l set code = (
    select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', get_byte(r.bytes, b.i) % 32 + 1, 1), '')
    -- The bytes of a random UUID but for those that have its version and variant. That
    -- it names the link makes it another one for each.
    from (select uuid_send(gen_random_uuid()) as bytes where l.id is not null) r, unnest(array[0, 1, 2, 3, 4, 5, 10, 11]) b (i));
alter table crm.tracking_link alter column code set not null, add constraint tracking_link_code_key unique (code);

-- Any contact with a customer. Texts are the first kind.
create table crm.interaction (
    id               bigint generated always as identity primary key,
    channel          text not null,
    direction        text not null check (direction in ('in', 'out')),
    -- Of a text that came in, the service centre's; of one that went out, when it was
    -- written.
    interaction_time timestamptz not null,
    record_time      timestamptz not null default now(),
    -- E.164.
    number           text not null,
    -- Whose the number was then; null where it was nobody's, or more than one's. Those
    -- are found by the number.
    customer         text references crm.customer (id),
    -- Stays when the contact is gone.
    contact          text not null default '',
    body             text not null,
    -- What it was taken for: track, stop, start, help; of staff: message.
    topic            text not null default '',
    outcome          text not null,
    -- Of what came in: the gateway's id of the text, by which it is taken once.
    text_id          text unique,
    -- Of what went out: by what the gateway is asked to send it once, and what it calls it.
    request_id       text unique,
    text_name        text not null default '',
    reply_to         bigint references crm.interaction (id) on delete set null,
    -- Who of the staff wrote it.
    author           text not null default '',
    check ((direction = 'in') = (text_id is not null))
);

create index interaction_of_customer on crm.interaction (customer, interaction_time desc, id desc) where customer is not null;
create index interaction_of_number on crm.interaction (number, interaction_time desc, id desc);
create index interaction_newest on crm.interaction (interaction_time desc, id desc);
-- How much was answered lately.
create index interaction_answered on crm.interaction (record_time) where direction = 'in' and outcome in ('answered', 'too_many');

-- What is to be asked of the gateway; deleted once it is.
create table crm.text_outbox (
    interaction bigint primary key references crm.interaction (id) on delete cascade,
    -- reply: send what the person asked for; notice: send what we say unasked, which
    -- respects the opt-out list until the last moment; recall: take a notice back.
    task        text not null check (task in ('reply', 'notice', 'recall')),
    expire_time timestamptz not null,
    attempts    integer not null default 0,
    next_time   timestamptz not null default now()
);

create index text_outbox_due on crm.text_outbox (next_time);

-- Who wants no messages, and who wants them again.
create table crm.opt_out (
    -- E.164.
    number    text primary key,
    opted_out boolean not null,
    set_time  timestamptz not null,
    -- "text" for the number itself, else who of the staff.
    set_by    text not null
);
