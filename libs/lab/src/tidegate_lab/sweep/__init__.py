"""Sweeps: many trials of one strategy through the machines, and what is left of the best.

=============  ===================================================================================
grid           the parameters to try
proposals      which points of the grid, in which order
trial          one trial through the machines
identity       what makes two trials the same
register       every trial ever run on some data
backtests      a back-test is a trial too
supply         gives out trials and takes their results
results        the run folder: finished trials, so that a sweep can go on
screen         a compiled estimate, to choose which trials the machines play
running        plays a sweep, here or by workers
plateau_map    every trial over the grid, and what its neighbours keep of it
ranking        the best trials with what belongs beside their Sharpe ratios
workers        the workforce of a sweep over NATS
worker         one worker: asks for trials and runs them
messages       what a sweep and its workers say
walk_forward   parameters chosen in a window and judged right after it
errors         the error tree
=============  ===================================================================================
"""
