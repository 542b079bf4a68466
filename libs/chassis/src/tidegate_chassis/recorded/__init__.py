"""What sessions left behind, to be read again.

=========  ===================================================================
recording  journals, messages and snapshots; where they may come from
database   a recording in the services' databases
positions  where in a journal a time is, and the nearest snapshot before it
errors     what can be wrong with a recording or a question
=========  ===================================================================

Nothing here writes into a database.
"""
