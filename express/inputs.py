"""The inputs of a video: checked before a row exists, and read again by the worker."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from catalog.generators import generator_of
from catalog.models import Avatar, LipSyncModel, Voice
from catalog.selectors import voice_for
from catalog.voices import library
from engine import Options
from engine.errors import UnknownVoice
from engine.face import find_faces
from engine.inspection import Inspection, inspect
from engine.pipeline import FindFaces, MouthGenerator, check
from engine.speech import DEFAULT_VOICE, Speech, SpeechLimits, check_audio, check_text, open_speech, speak
from express import webhooks
from express.analyses import FaceFinder
from express.effort import effort_s, spoken_s
from express.errors import ImageMissing, ModelBeingTried, ModelNotCommercial, UnknownAvatar, UnknownModel
from express.files import read, told_as_unavailable
from express.fingerprints import fingerprint
from express.models import Priority, Video

# A photo of 100 megapixels takes 300 MB while it is looked at; more than one a core would be no faster.
_CHECKS_AT_ONCE = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What somebody wants: a photo or an avatar, and audio or text; without both, the default greeting."""

    photo: bytes | None = None
    avatar_id: str = ""
    audio: bytes | None = None
    text: str = ""
    voice_id: str = ""
    model_id: str = ""  # nothing: the catalog's default
    language: str = ""  # BCP 47, of the text; found out when empty
    options: Mapping[str, Any] = field(default_factory=dict)  # fields of engine.Options
    user_data: str = ""
    callback_url: str = ""
    callback_id: str = ""
    public_url: str = ""  # scheme and host under which the client reached us; webhooks name addresses by it
    priority: Priority = Priority.NORMAL
    reuse: bool = True  # whether an earlier video that is the same may be the answer


def speech_limits() -> SpeechLimits:
    """Return the caps on speech."""
    return SpeechLimits(max_duration_s=settings.MAX_SPEECH_S, max_text_chars=settings.MAX_TEXT_CHARS)


def checked(request: VideoRequest) -> Video:
    """Return an unsaved row, without files, for a request that can be rendered.

    Raises every InputError that the photo, the speech, the ids or the options deserve.
    """
    with _CHECKS_AT_ONCE:
        return _checked(request)


def inspected(photo: bytes, options: Options) -> Inspection:
    """Return what a photo would get; never more at once than there are cores."""
    with _CHECKS_AT_ONCE:
        return inspect(photo, options, FaceFinder())


def _checked(request: VideoRequest) -> Video:
    options = Options(**request.options)
    if request.callback_url:
        webhooks.check_url(request.callback_url)
    avatar = _avatar(request.avatar_id) if request.avatar_id else None
    voice = _voice(request.voice_id) if request.voice_id else None
    model = _model(request.model_id) if request.model_id else LipSyncModel.default()
    finder = FaceFinder(reuse=request.reuse)
    if request.photo is not None:
        seen = _seen(request.photo, options, finder)
    elif avatar is None:
        raise ImageMissing("the request holds no photo", field="image")
    else:
        seen = _seen_avatar(avatar.image.name, options)
    text = ""
    if request.audio is not None:
        speech_s = check_audio(request.audio, speech_limits())
        voice = None
    else:
        text = request.text or settings.DEFAULT_GREETING
        voice = voice or voice_for(text, request.language)
        check_text(text, speech_limits(), engine_voice(voice), library())
        speech_s = spoken_s(text) / options.speed
    return Video(
        avatar=avatar,
        text=text,
        voice=voice,
        model_id=model.pk if model else "",
        options=dict(request.options),
        user_data=request.user_data,
        callback_url=request.callback_url,
        callback_id=request.callback_id,
        public_url=request.public_url,
        analyses=finder.keys,
        fingerprint=fingerprint(
            photo=request.photo,
            avatar=avatar,
            audio=request.audio,
            text=text,
            voice=voice,
            model=model,
            options=options,
        )
        if request.reuse and settings.REUSE_VIDEOS
        else "",
        speech_s=speech_s,
        effort_s=effort_s(speech_s, *seen, options, recorded=request.audio is not None)
        + _model_s(model, speech_s * options.fps),
    )


def _seen(photo: bytes, options: Options, find: FindFaces) -> tuple[tuple[int, int], tuple[float, float]]:
    """Check a photo; return the sizes of picture and face in px."""
    picture, face = check(photo, options, find)
    return picture.size_px, (face.box_px[2], face.box_px[3])


@lru_cache(maxsize=512)
def _seen_avatar(name: str, options: Options) -> tuple[tuple[int, int], tuple[float, float]]:
    """The same of an avatar, whose file never changes under its name: most requests name one of a few."""
    with told_as_unavailable(), default_storage.open(name) as stream:
        photo = stream.read()
    return _seen(photo, options, find_faces)


def photo_of(video: Video) -> bytes:
    """Return the bytes of the video's photo, its own or its avatar's."""
    file = video.photo or (video.avatar and video.avatar.image)
    if not file:
        raise UnknownAvatar("the avatar was deleted before the video was rendered")
    return read(file)


def speech_of(video: Video) -> Speech:
    """Return the video's speech: its recording, or its text as its voice speaks it."""
    if video.audio:
        return open_speech(read(video.audio), speech_limits())
    speed = Options(**video.options).speed
    return speak(video.text, engine_voice(video.voice), speech_limits(), speed=speed, library=library())


def mouth_of(video: Video) -> MouthGenerator | None:
    """Return what draws the video's mouth; None for the built-in renderer."""
    if not video.model_id:  # a row from before there was a choice, or an empty catalog
        return None
    model = LipSyncModel.objects.filter(pk=video.model_id).exclude(state=LipSyncModel.State.REFUSED).first()
    if model is not None and model.state == LipSyncModel.State.PENDING:
        raise ModelBeingTried(f"the model {video.model_id} is being tried again")
    if model is None:
        raise UnknownModel(f"the model {video.model_id} went out of use before the video was rendered")
    with told_as_unavailable():
        return generator_of(model)


def engine_voice(voice: Voice | None) -> str:
    """Return the engine's name of a voice; its own default when the catalog has none."""
    return voice.engine_voice if voice else DEFAULT_VOICE


def _avatar(avatar_id: str) -> Avatar:
    avatar = Avatar.objects.published().filter(pk=avatar_id).first()
    if avatar is None:
        raise UnknownAvatar(f"no avatar is called {avatar_id[:64]!r}", avatar_id=avatar_id[:64])
    return avatar


def _voice(voice_id: str) -> Voice:
    voice = Voice.objects.published().filter(pk=voice_id).first()
    if voice is None:
        raise UnknownVoice(f"no voice is called {voice_id[:64]!r}", voice_id=voice_id[:64])
    return voice


def _model(model_id: str) -> LipSyncModel:
    model = LipSyncModel.objects.published().filter(pk=model_id).first()
    if model is not None:
        return model
    if settings.COMMERCIAL_USE_ONLY and LipSyncModel.objects.filter(pk=model_id, is_published=True).exists():
        raise ModelNotCommercial(f"the licence of {model_id[:64]!r} forbids commercial use", model_id=model_id[:64])
    raise UnknownModel(f"no model is called {model_id[:64]!r}", model_id=model_id[:64])


def _model_s(model: LipSyncModel | None, frames: float) -> float:
    """Seconds of one core that a network takes for so many frames, as it was tried."""
    return frames * model.frame_s if model and model.frame_s else 0.0
