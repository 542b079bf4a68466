-- migrate:up

-- Who did what, when and why: written in the journal's transaction, and never changed.
create table audit_log (
    entry bigint generated always as identity primary key,
    shard text not null,
    n bigint not null,
    place integer not null,
    term bigint not null,
    -- The session's time; `written_at` is the wall's.
    at timestamptz not null,
    at_ns bigint not null,
    written_at timestamptz not null default clock_timestamp(),
    session text not null,
    who text not null,
    what text not null,
    about text not null,
    why text not null,
    numbers jsonb not null,
    trace_id text not null,
    unique (shard, n, place)
);
create index audit_log_what on audit_log (what, entry);
create index audit_log_about on audit_log (about, entry);

create function audit_log_refuses() returns trigger language plpgsql as $$
begin
    raise exception 'audit_log is append-only: expected an insert, found %', lower(tg_op)
        using hint = 'a correction is an entry of its own';
end
$$;
create trigger audit_log_is_append_only
before update or delete or truncate on audit_log
for each statement execute function audit_log_refuses();
-- Also where triggers of replication are the only ones that fire.
alter table audit_log enable always trigger audit_log_is_append_only;
revoke update, delete, truncate on audit_log from public, current_user;

-- migrate:down
drop table audit_log;
drop function audit_log_refuses();
