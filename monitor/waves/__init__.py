"""Waveforms in a running service: numbers are computed from them, they are kept for a while, and they are shown.

None of this is part of the journal, and nothing that judges waits for it.
"""
