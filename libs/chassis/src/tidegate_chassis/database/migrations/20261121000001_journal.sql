-- migrate:up

-- One row per shard: who leads it, under which term, until when, and how it began.
create table shard (
    shard text primary key,
    term bigint not null,
    holder text not null,
    expires_at timestamptz not null,
    core text not null,
    created_at timestamptz not null default clock_timestamp()
);

-- Every input by value, in the order in which it was handled.
create table journal (
    shard text not null references shard (shard),
    n bigint not null,
    term bigint not null,
    at_ns bigint not null,
    kind smallint not null,
    name text not null,
    channel text not null,
    k bigint not null,
    chain bytea not null,
    message_id text not null,
    schema text not null,
    payload bytea not null,
    instant_ns bigint not null,
    round integer not null,
    core text not null,
    effects_hash bytea not null,
    primary key (shard, n)
);

-- Every message that the shard has decided to publish, with the headers it goes out with.
create table outbox (
    shard text not null references shard (shard),
    channel text not null,
    k bigint not null,
    n bigint not null,
    at_ns bigint not null,
    subject text not null,
    headers text not null,
    payload bytea not null,
    primary key (shard, channel, k)
);

-- Up to where the stream is known to hold a channel.
create table outbox_mark (
    shard text not null references shard (shard),
    channel text not null,
    k bigint not null,
    primary key (shard, channel)
);

create table snapshot (
    shard text not null references shard (shard),
    n bigint not null,
    term bigint not null,
    core text not null,
    state bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (shard, n)
);

-- What queries read: the newest document per key, written in the journal's transaction.
create table projection (
    shard text not null,
    kind text not null,
    key text not null,
    n bigint not null,
    document jsonb not null,
    primary key (shard, kind, key)
);
create index projection_order on projection (kind, shard, n, key);

-- migrate:down
drop table projection;
drop table snapshot;
drop table outbox_mark;
drop table outbox;
drop table journal;
drop table shard;
