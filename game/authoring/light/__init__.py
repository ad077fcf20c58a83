"""Worlds of the LIGHT platform (Urbanek et al., arXiv 1903.03094): its graph JSON in and out."""
