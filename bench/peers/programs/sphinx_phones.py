"""Phonemes that PocketSphinx hears in a recording: python sphinx_phones.py < mono.s16 > phones.json.

Reads raw 16-bit samples at 16 kHz; writes [[ARPAbet symbol, start_s, end_s], ...]. Stands alone, so that any Python
that has pocketsphinx can run it. The beams and the weight are those that its makers advise for phonemes:
https://cmusphinx.github.io/wiki/phonemerecognition/
"""

import json
import sys

from pocketsphinx import Decoder, get_model_path  # type: ignore[import-not-found, unused-ignore]

RATE_HZ = 100  # of its own frames


def main() -> None:
    """Decode what comes in."""
    decoder = Decoder(
        allphone=get_model_path("en-us/en-us-phone.lm.bin"), lw=2.0, beam=1e-20, pbeam=1e-20, loglevel="FATAL"
    )
    decoder.start_utt()
    decoder.process_raw(sys.stdin.buffer.read(), no_search=False, full_utt=True)
    decoder.end_utt()
    phones = [[found.word, found.start_frame / RATE_HZ, (found.end_frame + 1) / RATE_HZ] for found in decoder.seg()]
    json.dump(phones, sys.stdout)


if __name__ == "__main__":
    main()
