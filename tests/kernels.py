"""Compile what computes numbers from waveforms, once, before several processes test at the same time and each would."""

from monitor.signal.chain import Chain
from monitor.waves.compiling import RATES, nobody

if __name__ == "__main__":
    Chain(2).push([*nobody("a", *RATES), *nobody("b", "ecg", "infrared")])
