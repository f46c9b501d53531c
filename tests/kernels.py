"""Compile what computes numbers from waveforms, once, before several processes test at the same time and each would."""

from monitor.waves.compiling import compile_all

if __name__ == "__main__":
    compile_all()
