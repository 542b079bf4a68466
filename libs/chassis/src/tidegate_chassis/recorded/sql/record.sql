-- name: extent
select coalesce(min(n), 0) as first_n, coalesce(max(n), 0) as last_n from journal where shard = $1

-- name: rows
select n, term, at_ns, kind, name, channel, k, chain, message_id, schema, payload, instant_ns,
       round, core, effects_hash
from journal where shard = $1 and n > $2 and n <= $3 order by n limit $4

-- name: first_k
select coalesce(min(k), 0) from outbox where shard = $1 and channel = $1 and n > $2

-- name: messages
select n, channel, k, at_ns, subject, headers, payload
from outbox where shard = $1 and channel = $1 and k >= $2 and n <= $3 order by k limit $4

-- name: message
select n, channel, k, at_ns, subject, headers, payload
from outbox where shard = $1 and channel = $1 and k = $2

-- name: snapshots
select n, core, state from snapshot where shard = $1 and n <= $2 order by n
