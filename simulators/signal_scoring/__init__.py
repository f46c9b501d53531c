"""How well and how fast numbers are found in waveforms, judged on recordings that people annotated."""
