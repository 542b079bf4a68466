-- migrate:up

-- Commands that a replica was given for a shard that another one leads, and their answers. Rows
-- live for seconds.
create table forwarded (
    call_id text primary key,
    shard text not null,
    schema text not null,
    payload bytea not null,
    asked_at timestamptz not null default clock_timestamp(),
    answer_schema text,
    answer bytea
);

-- migrate:down
drop table forwarded;
