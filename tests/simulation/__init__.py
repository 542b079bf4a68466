"""The simulator against the real thing, and its deliberate mistakes.

=================  ==============================================================================
check_mutants      every deliberate mistake is caught; `make test-ci` names this file
proxy              a TCP proxy in front of nats-server that takes faults message by message
real_world         what a plan's faults act on when servers and processes are real
test_proxy         what the proxy does to single messages
test_real_faults   a plan's faults against real servers, and the invariants
=================  ==============================================================================
"""
