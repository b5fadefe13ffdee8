"""Frames (chapter 3)."""

import forms
from keyrota import frames

from . import Fields, operation


@operation("frame.decode")
def frame_decode(given: Fields) -> Fields:
    return {"frame": forms.frame_to_json(frames.decode(bytes.fromhex(given["frame"])))}


@operation("frame.encode")
def frame_encode(given: Fields) -> Fields:
    return {"frame": frames.encode(forms.frame_from_json(given["frame"])).hex()}
