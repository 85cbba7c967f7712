"""What the book and the exercises share.

``vocab`` and ``corpora`` hold tokens and real text, ``sources`` languages with a known
distribution and therefore a computed loss floor, ``definitions`` the book's equations in plain
Python, ``model`` and ``training`` a small Transformer and the loop that fits it, ``plots`` every
figure, and ``checks`` what looks at a learner's answer and names the mistake.
"""
