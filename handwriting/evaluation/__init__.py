"""Predictions → metrics → figures → report. Knows numbers and labels only."""
