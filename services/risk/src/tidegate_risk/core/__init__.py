"""The pure heart of risk: two machines, their rules and their books. No I/O, no clock.

* `parameters`, `limits`, `strictness`: what a session is told, and which limits apply to whom
* `schedules`: times that the limits declare
* `changes`: another document of limits while the session runs
* `question`, `rules`, `refusals`: what is asked of a signal and its order, and the answers
* `hours`: when an order may work: in the regular session, or around it too
* `slicing`: whether the parts of an order fit together that is carried out in slices
* `sizing`: how much; `book`: what risk knows by itself
* `structures`: orders with legs
* `decision`: one verdict for every signal; `gate`: the kill switch
"""
