# Measurements, never tests.
