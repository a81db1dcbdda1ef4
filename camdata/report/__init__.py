"""What readers without Python get: the page and tables."""
