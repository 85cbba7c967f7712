"""What the book and the exercises share.

``sources`` are languages with a known distribution and therefore a computed loss floor;
``corpora`` is real text and tasks whose best score is known, ``vocab`` and ``tokenizers`` turn
text into ids. ``definitions`` holds the book's equations in plain Python. ``model`` is a small
Transformer, ``generation`` writes with it and ``training`` fits it; ``plots`` draws every figure;
``checks`` looks at a learner's answer and names the mistake. ``grading`` alone knows nbgrader.
"""
