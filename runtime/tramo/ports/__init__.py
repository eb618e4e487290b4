"""What the runtime needs from the world, as Protocols. No implementation lives here.

Clock, randomness, storage, wake-ups, the network and background work come in through these, so that
a simulator can replace every one of them.
"""
