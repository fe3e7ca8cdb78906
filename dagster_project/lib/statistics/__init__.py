"""What SQL cannot do exactly: estimates with intervals, from sums and means per unit, never from a pupil."""
