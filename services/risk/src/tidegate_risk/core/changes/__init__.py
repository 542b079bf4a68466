"""Changing the limits of a session while it runs.

* `document`: the limits as one document, and what they come to in the session
* `comparing`: what two documents say differently, and which of it is looser
* `rules`: what must hold before a document is changed or approved
* `standing`: the document in force and the requests that wait
* `keeper`: commands in, answers and events out
"""
