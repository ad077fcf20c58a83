"""Limelight: a text adventure whose cast learns from your applause."""

__version__ = "0.1.0"
