"""The heart in the impedance of a chest: whether there is nothing but its ripple."""

import numpy as np

from monitor.signal.filters import Array

RIPPLE_S = 16.0
"""Over so long is looked for it: less than a pause in breathing must last to be told."""
HEART_HZ = (0.55, 5.0)
"""Where a heart of 39 /min and its harmonics move the impedance. Breaths are slower."""
BREATH_HZ = 0.06
"""What is slower drifts."""
BREATHLESS = 0.2
"""While somebody breathes, more than this part of the power of the heart is slower than hearts: assumption of ours."""
PERIODS_S = (0.4, 1.6)
"""Of hearts, 150 to 38 /min,"""
REPEATS = 0.6
"""after one of which what moves is like it was (correlation): of noise no stretch is, of movement alone 1.5 in 100."""


def heart_alone(impedance: Array, sample_rate: float, most: float = np.inf) -> bool:
    """Whether impedance (n,) moves with a heart, so that electrodes are on somebody, and not with breath.

    By the spectrum under a Hann window, and the autocorrelation of what is as fast as hearts. NaN is neither. No heart
    moves it by more than `most`, in its unit, from bottom to top.
    """
    if np.isnan(impedance).any():
        return False
    size = len(impedance)
    window, places = np.hanning(size), np.arange(size) - (size - 1) / 2
    still = impedance - np.mean(impedance)
    still -= places * (still @ places) / (places @ places)
    power = np.abs(np.fft.rfft(still * window, 2 * size)) ** 2
    hz = np.fft.rfftfreq(2 * size, 1 / sample_rate)
    heart = np.where((hz >= HEART_HZ[0]) & (hz <= HEART_HZ[1]), power, 0.0)
    breath = power[(hz >= BREATH_HZ) & (hz < HEART_HZ[0])].sum()
    if breath >= BREATHLESS * heart.sum():
        return False
    likeness = np.fft.irfft(heart) / np.fft.irfft(np.abs(np.fft.rfft(window, 2 * size)) ** 2).clip(1e-9)
    first, last = (round(each * sample_rate) for each in PERIODS_S)
    # A sine of this height, from bottom to top, has an eighth of its square as power.
    if 8 * likeness[0] > most * most:
        return False
    return bool(likeness[first : last + 1].max() >= REPEATS * likeness[0])
