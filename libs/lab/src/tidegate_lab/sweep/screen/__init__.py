"""The screen: a compiled estimate of many trials, to choose which the machines should play.

=========  =======================================================================================
market     bars, instruments and costs as plain arrays
kernel     one trial, compiled: prices, positions and costs, and nothing else
screening  many trials on all processors, and what the screen cannot know
=========  =======================================================================================

It knows no limit, no gate, no refusal, no order book. Where none of those binds it finds what the
machines find, which the tests prove; elsewhere it is wrong, so it never ranks the result.
"""
