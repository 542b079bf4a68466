-- name: forward
insert into forwarded (call_id, shard, schema, payload) values ($1, $2, $3, $4)

-- name: waiting
select call_id, shard, schema, payload
from forwarded
where shard = any($1::text[]) and answer is null
    and asked_at > clock_timestamp() - make_interval(secs => $2)
order by asked_at, call_id

-- name: answer
update forwarded set answer_schema = $2, answer = $3 where call_id = $1 and answer is null

-- name: answer_of
select answer_schema, answer from forwarded where call_id = $1 and answer is not null

-- name: forget
delete from forwarded
where call_id = $1 or asked_at < clock_timestamp() - make_interval(secs => $2)
