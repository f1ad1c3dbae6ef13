"""Any audio file becomes speech of exactly the same length, or is refused with the reason."""

import io
import json
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import AudioSilent, AudioTooLong, AudioUnreadable
from engine.speech import SpeechLimits, check_audio, open_speech
from engine.speech.resample import resample
from tests.engine import sounds

SENTENCE = "The boat was not far from the harbor."
FORMATS = [
    ("wav", "pcm_s16le", 44_100),
    ("wav", "pcm_f32le", 96_000),
    ("wav", "pcm_u8", 8_000),
    ("flac", "flac", 16_000),
    ("mp3", "libmp3lame", 44_100),
    ("ogg", "libopus", 48_000),
    ("ogg", "libvorbis", 44_100),
    ("mp4", "aac", 48_000),
    ("adts", "aac", 22_050),
    ("matroska", "libopus", 48_000),
    ("aiff", "pcm_s16be", 32_000),
    ("amr", "libopencore_amrnb", 8_000),
]
# Lossy codecs pad the end to whole frames; bare AAC (ADTS) does not even tell how much it put before the start.
PRIMING_S = {"mp3": 0.06, "ogg": 0.06, "mp4": 0.06, "matroska": 0.06, "amr": 0.06, "adts": 0.1}


def at_rate(rate: int) -> np.ndarray:
    """The sentence at a rate; three of these are not whole fractions of 48 kHz."""
    return resample(sounds.spoken(SENTENCE).video * 0.5, 48_000, rate)


@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_it_reads_what_ffmpeg_reads_and_keeps_it_in_time(container: str, codec: str, rate: int) -> None:
    try:
        data = sounds.encoded(at_rate(rate), rate, container, codec)
    except ValueError:
        pytest.skip(f"this FFmpeg has no encoder {codec}")
    speech = open_speech(data)
    original = sounds.spoken(SENTENCE)
    slack_s = PRIMING_S.get(container, 0.0005)
    assert speech.duration_s == pytest.approx(original.duration_s, abs=slack_s)
    assert sounds.delay_s(speech.video, original.video, 48_000) == pytest.approx(0, abs=slack_s)


def test_both_rates_tell_the_same_sound() -> None:
    speech = open_speech(sounds.encoded(at_rate(44_100), 44_100))
    assert len(speech.analysis) == pytest.approx(len(speech.video) / 3, abs=1)
    assert speech.video.dtype == speech.analysis.dtype == np.float32
    thirds = speech.video[: len(speech.analysis) * 3].reshape(-1, 3).mean(axis=1)
    assert sounds.delay_s(speech.analysis, thirds, 16_000) == pytest.approx(0, abs=1 / 16_000)


def test_leading_and_trailing_silence_stay() -> None:
    silence = np.zeros(48_000, np.float32)
    speech = open_speech(sounds.encoded(np.concatenate([silence, sounds.tone(1), silence]), 48_000))
    assert speech.duration_s == 3.0
    assert np.abs(speech.video[:47_000]).max() < 1e-3 < np.abs(speech.video[49_000:95_000]).max()


def test_stereo_and_surround_become_mono_that_holds_every_channel() -> None:
    low, high = sounds.tone(1, hz=300), sounds.tone(1, hz=3_000)
    silence = np.zeros_like(low)
    for channels in ([low, high], [silence, silence, low, silence, silence, high]):
        speech = open_speech(sounds.encoded(np.stack(channels), 48_000))
        spectrum = np.abs(np.fft.rfft(speech.video))
        assert spectrum[300] > 100 and spectrum[3_000] > 100


def test_the_sound_track_of_a_film_will_do() -> None:
    original = sounds.spoken(SENTENCE)
    speech = open_speech(sounds.film(original.video))
    assert speech.duration_s == pytest.approx(original.duration_s, abs=0.05)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Dear sir or madam, this is a letter and no sound at all.\n" * 40,
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        bytes(100_000),
        np.random.default_rng(1).bytes(200_000),
    ],
    ids=["empty", "letter", "png", "cut-header", "zeros", "noise"],
)
def test_what_is_no_audio_is_unreadable(data: bytes) -> None:
    for refuse in (open_speech, check_audio):
        with pytest.raises(AudioUnreadable) as refusal:
            refuse(data)
        assert refusal.value.code == "audio_unreadable"


def test_a_film_without_sound_is_unreadable() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        video = output.add_stream("libx264", rate=25)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        picture = np.zeros((64, 64, 3), np.uint8)
        output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(video.encode(None))
    with pytest.raises(AudioUnreadable, match="no audio track"):
        open_speech(file.getvalue())


def test_an_mp4_whose_index_is_cut_off_is_unreadable() -> None:
    whole = sounds.encoded(at_rate(48_000), 48_000, "mp4", "aac")
    with pytest.raises(AudioUnreadable):
        open_speech(whole[: len(whole) // 2])


def test_a_recording_that_was_cut_short_is_read_as_far_as_it_goes() -> None:
    whole = sounds.encoded(at_rate(48_000), 48_000)
    speech = open_speech(whole[: len(whole) // 2])
    assert speech.duration_s == pytest.approx(sounds.spoken(SENTENCE).duration_s / 2, abs=0.03)


def test_a_few_broken_packets_are_passed_over() -> None:
    data = bytearray(sounds.encoded(at_rate(48_000), 48_000, "mp3", "libmp3lame"))
    data[len(data) // 2 : len(data) // 2 + 400] = b"\x55" * 400
    assert open_speech(bytes(data)).duration_s == pytest.approx(sounds.spoken(SENTENCE).duration_s, abs=0.2)


@pytest.mark.parametrize("level", [0.0, 1e-4], ids=["digital", "-80 dB"])
def test_silence_is_refused(level: float) -> None:
    for refuse in (open_speech, check_audio):
        with pytest.raises(AudioSilent) as refusal:
            refuse(sounds.encoded(sounds.tone(2, level=level), 48_000))
        assert refusal.value.details["minimum_lufs"] == -60.0
        json.dumps(refusal.value.details, allow_nan=False)


def test_what_can_be_used_passes_the_check() -> None:
    check_audio(sounds.encoded(at_rate(44_100), 44_100))


def test_three_hours_are_refused_by_their_header_alone() -> None:
    size = 3 * 3600 * 8_000  # bytes of 8-bit sound at 8 kHz
    format_chunk = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 8_000, 1, 8)
    header = b"RIFF" + struct.pack("<I", size + 36) + b"WAVE" + format_chunk + b"data" + struct.pack("<I", size)
    with pytest.raises(AudioTooLong) as refusal:
        open_speech(header + b"\x80" * size)
    assert refusal.value.details == {"duration_s": 10_800.0, "max_duration_s": 600.0}


def test_a_long_file_without_a_length_is_refused_while_decoding() -> None:
    minutes = sounds.encoded(sounds.tone(90, rate=8_000), 8_000, "adts", "aac")
    with pytest.raises(AudioTooLong):
        open_speech(minutes, SpeechLimits(max_duration_s=30))


def test_a_header_that_claims_hours_for_a_short_sound_is_not_believed() -> None:
    data = bytearray(sounds.encoded(sounds.tone(2), 48_000))
    chunk = data.index(b"data")
    data[4:8] = data[chunk + 4 : chunk + 8] = struct.pack("<I", 0xFFFFFFFF)  # as FFmpeg writes to a pipe
    assert open_speech(bytes(data)).duration_s == 2.0


def test_a_playlist_cannot_make_us_open_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(sounds.encoded(sounds.tone(1), 48_000))
    playlists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
    ]
    for playlist in playlists:
        with pytest.raises(AudioUnreadable):
            open_speech(playlist.encode())


def test_infinite_samples_do_no_harm() -> None:
    sound = sounds.tone(1)
    sound[1000:1010] = np.inf
    sound[2000:2010] = np.nan
    speech = open_speech(sounds.encoded(sound, 48_000, "wav", "pcm_f32le"))
    assert np.isfinite(speech.video).all() and np.isfinite(speech.analysis).all()
