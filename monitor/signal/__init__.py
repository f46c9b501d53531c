"""From waveforms to numbers that can be trusted: streaming and causal, many people at a time.

Rows are patients. Samples have shape (rows, samples), at one rate for all rows, in any chunks: where a stream is cut
never changes what is found in it.
"""
