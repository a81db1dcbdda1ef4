"""Helpers that know nothing of meetings: words, argument checks, HTML, the base of results."""
