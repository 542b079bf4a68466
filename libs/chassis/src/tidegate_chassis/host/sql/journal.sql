-- name: acquire
insert into shard as s (shard, term, holder, expires_at, core)
values ($1, 1, $2, clock_timestamp() + make_interval(secs => $3), $4)
on conflict (shard) do update
set term = s.term + 1,
    holder = excluded.holder,
    expires_at = excluded.expires_at
where s.expires_at < clock_timestamp() or s.holder = excluded.holder
returning term

-- name: renew
update shard as s
set expires_at = clock_timestamp() + make_interval(secs => $3)
from unnest($1::text[], $2::bigint[]) as held (shard, term)
where s.shard = held.shard and s.term = held.term
returning s.shard

-- name: lease
select holder, term, extract(epoch from expires_at - clock_timestamp())::float8 as left_s
from shard where shard = $1

-- name: release
update shard set expires_at = clock_timestamp() where shard = $1 and term = $2

-- name: commit
with lease as materialized (
    select 1 from shard where shard = $1 and term = $2 for share
), rows as (
    insert into journal
    select $1, r.n, $2, r.at_ns, r.kind, r.name, r.channel, r.k, r.chain, r.message_id, r.schema,
           r.payload, r.instant_ns, r.round, $3, r.effects_hash
    from lease, unnest(
        $4::bigint[], $5::bigint[], $6::smallint[], $7::text[], $8::text[], $9::bigint[],
        $10::bytea[], $11::text[], $12::text[], $13::bytea[], $14::bigint[], $15::integer[],
        $16::bytea[]
    ) as r (n, at_ns, kind, name, channel, k, chain, message_id, schema, payload, instant_ns,
            round, effects_hash)
), messages as (
    insert into outbox
    select $1, m.channel, m.k, m.n, m.at_ns, m.subject, m.headers, m.payload
    from lease, unnest(
        $17::text[], $18::bigint[], $19::bigint[], $20::bigint[], $21::text[], $22::text[],
        $23::bytea[]
    ) as m (channel, k, n, at_ns, subject, headers, payload)
), facts as (
    insert into projection
    select $1, p.kind, p.key, p.n, p.document::jsonb
    from lease, unnest($24::text[], $25::text[], $26::bigint[], $27::text[])
        as p (kind, key, n, document)
    on conflict (shard, kind, key) do update set n = excluded.n, document = excluded.document
), audit as (
    insert into audit_log (shard, n, place, term, at, at_ns, session, who, what, about, why,
                           numbers, trace_id)
    select $1, a.n, a.place, $2, 'epoch'::timestamptz + (a.at_ns / 1000) * interval '1 microsecond',
           a.at_ns, a.session, a.who, a.what, a.about, a.why, a.numbers::jsonb, a.trace_id
    from lease, unnest(
        $28::bigint[], $29::integer[], $30::bigint[], $31::text[], $32::text[], $33::text[],
        $34::text[], $35::text[], $36::text[], $37::text[]
    ) as a (n, place, at_ns, session, who, what, about, why, numbers, trace_id)
    order by a.n, a.place
)
select count(*) from lease

-- name: commit_rows
with lease as materialized (
    select 1 from shard where shard = $1 and term = $2 for share
), rows as (
    insert into journal
    select $1, r.n, $2, r.at_ns, r.kind, r.name, r.channel, r.k, r.chain, r.message_id, r.schema,
           r.payload, r.instant_ns, r.round, $3, r.effects_hash
    from lease, unnest(
        $4::bigint[], $5::bigint[], $6::smallint[], $7::text[], $8::text[], $9::bigint[],
        $10::bytea[], $11::text[], $12::text[], $13::bytea[], $14::bigint[], $15::integer[],
        $16::bytea[]
    ) as r (n, at_ns, kind, name, channel, k, chain, message_id, schema, payload, instant_ns,
            round, effects_hash)
)
select count(*) from lease

-- name: touch
select count(*) from (select 1 from shard where shard = $1 and term = $2 for share) as lease

-- name: mark
insert into outbox_mark
select $1, m.channel, m.k from unnest($2::text[], $3::bigint[]) as m (channel, k)
on conflict (shard, channel) do update set k = excluded.k where outbox_mark.k < excluded.k

-- name: marks
select channel, k from outbox_mark where shard = $1

-- name: unmarked
-- A takeover waits for this and for `outbox_head`: they step from channel to channel along the key,
-- and look at no more of an outbox that has grown for weeks.
with recursive channels as (
    (select channel from outbox where shard = $1 order by channel limit 1)
    union all
    select next.channel
    from channels c, lateral (
        select channel from outbox
        where shard = $1 and channel > c.channel order by channel limit 1
    ) as next
)
select o.channel, o.k, o.subject, o.headers, o.payload
from channels c, lateral (
    select * from outbox
    where shard = $1 and channel = c.channel and k > coalesce(
        (select m.k from outbox_mark m where m.shard = $1 and m.channel = c.channel), 0)
) as o
order by o.n, o.channel, o.k

-- name: resend
select channel, k, subject, headers, payload
from outbox where shard = $1 and channel = $2 and k >= $3
order by k limit $4

-- name: instants
select at_ns, channel, max(k) as k
from outbox where shard = $1 and at_ns >= $2
group by at_ns, channel order by at_ns

-- name: heads_until
select channel, max(k) as k from outbox where shard = $1 and at_ns <= $2 group by channel

-- name: outbox_head
with recursive channels as (
    (select channel from outbox where shard = $1 order by channel limit 1)
    union all
    select next.channel
    from channels c, lateral (
        select channel from outbox
        where shard = $1 and channel > c.channel order by channel limit 1
    ) as next
)
select channel, (
    select max(k) from outbox o where o.shard = $1 and o.channel = c.channel
) as k
from channels c

-- name: save_snapshot
with lease as materialized (
    select 1 from shard where shard = $1 and term = $2 for share
)
insert into snapshot (shard, n, term, core, state)
select $1, $3, $2, $4, $5 from lease
on conflict (shard, n) do update
set term = excluded.term, core = excluded.core, state = excluded.state

-- name: last_snapshot
select n, core, state from snapshot where shard = $1 order by n desc limit 1

-- name: prune_snapshots
delete from snapshot where shard = $1 and n < (
    select min(n) from (select n from snapshot where shard = $1 order by n desc limit 3) as newest
)

-- name: tail
select n, term, at_ns, kind, name, channel, k, chain, message_id, schema, payload, instant_ns,
       round, core, effects_hash
from journal where shard = $1 and n > $2 order by n limit $3

-- name: projections
select shard, kind, key, n, document::text as document
from projection
where kind = $1 and shard = any($2::text[]) and (n, key) > ($3, $4)
order by n, key limit $5

-- name: projections_search
select shard, kind, key, n, document::text as document
from projection
where kind = $1 and shard = any($2::text[]) and (n, key) > ($3, $4)
  and document @> $6::jsonb
  and ($8::bigint is null or (document ->> $7)::bigint >= $8)
  and ($9::bigint is null or (document ->> $7)::bigint < $9)
order by n, key limit $5

-- name: projections_search_newest
select shard, kind, key, n, document::text as document
from projection
where kind = $1 and shard = any($2::text[]) and (n, key) < ($3, $4)
  and document @> $6::jsonb
  and ($8::bigint is null or (document ->> $7)::bigint >= $8)
  and ($9::bigint is null or (document ->> $7)::bigint < $9)
order by n desc, key desc limit $5

-- name: projections_newest
select shard, kind, key, n, document::text as document
from projection
where kind = $1 and shard = any($2::text[])
order by n desc, key desc limit $3

-- name: projection
select shard, kind, key, n, document::text as document
from projection where kind = $1 and key = $2 and shard = any($3::text[])

-- name: projection_count
select count(*) from projection where kind = $1 and shard = any($2::text[])

-- name: audit
select entry, shard, n, at_ns, session, who, what, about, why, numbers::text as numbers, trace_id
from audit_log
where shard = any($1::text[]) and entry < $2
  and ($3::text is null or session in ($3, ''))
  and ($4::text is null or who = $4)
  and ($5::text is null or what = $5)
  and ($6::text is null or about = $6)
  and ($7::bigint is null or at_ns >= $7)
  and ($8::bigint is null or at_ns < $8)
order by entry desc limit $9
