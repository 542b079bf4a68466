"""Frames: the host jumps from one instant in which something can happen to the next.

=======  =========================================================================================
jumping  asks every machine how far it may go (`scan`), and takes it there (`advance`)
=======  =========================================================================================
"""
