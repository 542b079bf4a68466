"""The pure heart of risk: two machines, their rules and their books. No I/O, no clock."""
