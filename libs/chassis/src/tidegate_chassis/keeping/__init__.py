"""What an instance leaves behind, in one file, and back again.

* `container`: the file: a tar with a manifest that holds the hash of everything.
* `databases`: every service's database as of one moment, and back.
* `streams`: a JetStream stream with its durables, and back.
* `comparing`: databases that are older than the streams.
* `guarding`: what is written is searched for secrets.
* `errors`: what is wrong with a file or a target.
"""
