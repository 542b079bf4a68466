-- migrate:up

-- The journal's one statement locks the shard's row before it inserts anything, so that the row is
-- there is known. A foreign key would look it up again for every input and message.
alter table journal drop constraint journal_shard_fkey;
alter table outbox drop constraint outbox_shard_fkey;

-- migrate:down
alter table outbox add constraint outbox_shard_fkey foreign key (shard) references shard (shard);
alter table journal add constraint journal_shard_fkey foreign key (shard) references shard (shard);
