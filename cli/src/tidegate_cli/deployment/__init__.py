"""What an installation prepares before a service runs, on one machine and in containers alike.

* `keys`: every password, key and token, made once in one folder.
* `handout`: each reader's own part of them in a folder of its own, for containers.
* `topology`: which shards a configuration has, and what each reads.
* `servers`: databases, schemas, streams and durables.
"""
