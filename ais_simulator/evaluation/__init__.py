"""Accuracy of the indicators: results compared with the ground truth."""
