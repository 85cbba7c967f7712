"""Run a submission: its answers in a box, its checks in a process that no answer ever enters.

cells       run a cell as a notebook's kernel does, without being one
recording   what a cell shows
stopping    no cell computes for ever
notebook    all cells of a notebook, each where it belongs
replaying   a box that died, and how the others go on without the cell that killed it
grading     a task's bytes to a result's bytes
warm        the process in which everything is imported, forked for each submission
"""
