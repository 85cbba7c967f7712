"""What runs inside the box: where a learner's code is let loose, and nothing else is."""
