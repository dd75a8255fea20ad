"""Whisper on onnxruntime, with 8-bit weights that are packed once, when the model is loaded.

CTranslate2 packs a matrix again for each product where it computes with oneDNN, which is most of the time of a step
with few rows. Here a step of the decoder takes about half as long.

A model is converted once from the CTranslate2 folder that a user has. Nothing here knows about text: tokens go in and
come out.
"""
