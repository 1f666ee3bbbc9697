"""What a sound file says that is certainly not meant."""
