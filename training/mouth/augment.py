"""The same speech by another person, in another room, through another line. All of it is seeded by the caller."""

import io
from itertools import pairwise

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from engine.speech.types import ANALYSIS_RATE

Sound = NDArray[np.float32]

SIZE = (0.84, 1.2)  # playing speed: pitch and formants together, as a larger or smaller person
TEMPO = (0.85, 1.25)
CODECS = (("libopus", "ogg", 48_000, 12_000), ("libopus", "ogg", 48_000, 24_000), ("libmp3lame", "mp3", 16_000, 32_000))
MU = 255  # of G.711
LONGEST_DELAY = 4096  # samples that a codec may add


def another_speaker(samples: Sound, random: np.random.Generator) -> tuple[Sound, float]:
    """Return the speech with another pitch, size of throat and tempo, and by how much faster it is."""
    size = float(np.exp(random.uniform(*np.log(SIZE))))
    faster = float(np.exp(random.uniform(*np.log(TEMPO))))
    played = _faster(_stretched(samples, size), faster / size)
    return played, len(samples) / len(played)


def another_room(samples: Sound, random: np.random.Generator, others: Sound) -> Sound:
    """Return the speech with some of: a room, colouring, noise, music, other people, a telephone, a codec.

    others: speech of someone else, any length.
    """
    result = samples
    if random.random() < 0.5:
        result = _in_a_room(result, random)
    if random.random() < 0.5:
        result = _coloured(result, random)
    if random.random() < 0.75:
        kind = random.choice(["noise", "noise", "music", "people"])
        disturbance = {"noise": _noise, "music": _music}[kind](len(result), random) if kind != "people" else others
        result = _mixed(result, np.resize(disturbance, len(result)), float(random.uniform(5, 25)))
    if random.random() < 0.25:
        result = telephone(result)
    elif random.random() < 0.3:
        result = _coded(result, *CODECS[random.integers(len(CODECS))])
    return _as_loud(result, samples) * np.float32(random.uniform(0.6, 1.4))


def telephone(samples: Sound) -> Sound:
    """300 to 3400 Hz, 8 kHz, eight bits a sample by G.711's law."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / ANALYSIS_RATE)
    edge = np.clip((hz - 200) / 150, 0, 1) * np.clip((3600 - hz) / 300, 0, 1)
    narrow = np.fft.irfft(spectrum * edge, len(samples))
    peak = np.abs(narrow).max() + 1e-9
    law = np.sign(narrow) * np.log1p(MU * np.abs(narrow) / peak) / np.log1p(MU)
    stepped = np.round(law * 127) / 127
    return np.asarray(np.sign(stepped) * np.expm1(np.abs(stepped) * np.log1p(MU)) / MU * peak, np.float32)


def with_noise(samples: Sound, random: np.random.Generator, snr_db: float) -> Sound:
    """Add pink-like noise."""
    return _mixed(samples, _noise(len(samples), random, tilt=1.0), snr_db)


def _stretched(samples: Sound, speed: float) -> Sound:
    """Play faster, as a tape does."""
    count = round(len(samples) / speed)
    return np.interp(np.arange(count) * speed, np.arange(len(samples)), samples).astype(np.float32)


def _faster(samples: Sound, tempo: float) -> Sound:
    """Change the tempo alone."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=ANALYSIS_RATE, format="flt", layout="mono")
    steps = [source, graph.add("atempo", f"{tempo:.4f}"), graph.add("abuffersink")]
    for before, after in pairwise(steps):
        before.link_to(after)
    graph.configure()
    source.push(_frame(samples, ANALYSIS_RATE))
    source.push(None)
    pieces = []
    try:
        while True:
            pieces.append(steps[-1].pull().to_ndarray().ravel())
    except (av.EOFError, av.BlockingIOError):
        return np.concatenate(pieces).astype(np.float32)


def _in_a_room(samples: Sound, random: np.random.Generator) -> Sound:
    """Echoes that fall by 60 dB in 0.15 to 0.7 s, 4 to 18 dB below the direct sound."""
    fall_s = random.uniform(0.15, 0.7)
    times_s = np.arange(int(fall_s * ANALYSIS_RATE)) / ANALYSIS_RATE
    echo = random.standard_normal(len(times_s)) * 10 ** (-3 * times_s / fall_s)
    echo[: int(random.uniform(0.001, 0.01) * ANALYSIS_RATE)] = 0
    echo *= 10 ** (-random.uniform(4, 18) / 20) / np.linalg.norm(echo)
    echo[0] = 1
    size = 1 << (len(samples) + len(echo)).bit_length()
    mixed = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)
    return mixed[: len(samples)].astype(np.float32)


def _coloured(samples: Sound, random: np.random.Generator) -> Sound:
    """A smooth random equaliser, up to about 10 dB."""
    hz = np.fft.rfftfreq(len(samples), 1 / ANALYSIS_RATE)
    knots = np.log(np.array([60.0, 250, 700, 1500, 3000, 5000, 8000]))
    gain_db = np.interp(np.log(hz + 1), knots, random.normal(0, 5, len(knots)))
    return np.fft.irfft(np.fft.rfft(samples) * 10 ** (gain_db / 20), len(samples)).astype(np.float32)


def _noise(count: int, random: np.random.Generator, tilt: float | None = None) -> Sound:
    """Noise between white (tilt 0) and brown (2)."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / ANALYSIS_RATE)
    spectrum /= (hz + 50) ** ((random.uniform(0, 2) if tilt is None else tilt) / 2)
    return np.fft.irfft(spectrum, count).astype(np.float32)


def _music(count: int, random: np.random.Generator) -> Sound:
    """Chords that change, and a beat."""
    times_s = np.arange(count) / ANALYSIS_RATE
    beat_s = random.uniform(0.3, 0.8)
    sound = np.zeros(count)
    for start in range(0, count, int(4 * beat_s * ANALYSIS_RATE)):
        part = slice(start, start + int(4 * beat_s * ANALYSIS_RATE))
        root = 110 * 2 ** (random.integers(0, 12) / 12)
        for note in (1, 1.26, 1.5, 2 * random.choice([1, 1.122, 1.335])):
            for harmonic in range(1, 6):
                sound[part] += np.sin(2 * np.pi * root * note * harmonic * times_s[part]) / harmonic**1.3
    beats = np.exp(-(times_s % beat_s) / 0.06)
    return (sound * (0.6 + 0.4 * beats) + 2 * beats * random.standard_normal(count)).astype(np.float32)


def _coded(samples: Sound, codec: str, container: str, rate: int, bits: int) -> Sound:
    """Encode and decode, with the codec's delay taken out again."""
    data = io.BytesIO()
    with av.open(data, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono", bit_rate=bits)
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.codec_context.frame_size or None)
        for frame in [*resampler.resample(_frame(samples, ANALYSIS_RATE)), *resampler.resample(None)]:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    data.seek(0)
    with av.open(data) as back:
        resampler = av.AudioResampler("flt", "mono", ANALYSIS_RATE)
        frames = [*back.decode(audio=0), None]
        sound = np.concatenate([part.to_ndarray().ravel() for one in frames for part in resampler.resample(one)])
    return _aligned(sound.astype(np.float32), samples)


def _aligned(sound: Sound, like: Sound) -> Sound:
    size = 1 << (len(sound) + len(like)).bit_length()
    match = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(like, size)), size)
    delay = int(np.argmax(match[:LONGEST_DELAY]))
    rest = sound[delay : delay + len(like)]
    return np.pad(rest, (0, len(like) - len(rest)))


def _mixed(samples: Sound, disturbance: Sound, snr_db: float) -> Sound:
    return samples + _as_loud(disturbance, samples) * np.float32(10 ** (-snr_db / 20))


def _as_loud(samples: Sound, like: Sound) -> Sound:
    return np.asarray(
        samples * (np.sqrt(np.square(like).mean()) / np.sqrt(np.square(samples).mean() + 1e-12)), np.float32
    )


def _frame(samples: Sound, rate: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = rate
    return frame
