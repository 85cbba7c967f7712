"""Grade a whole class.

In the order of a run:

course       where the class's work lies
working      what a worker does: a task's bytes in, a result's bytes out
scheduling   tasks over cores and machines
template     the notebook that submissions are graded in
database     connections to the gradebook that wait for one another
opening      the gradebook, ready for an assignment
jobs         one notebook of one submission, and what its grade depends on
gradebooks   grades into the gradebook
files        graded notebooks and feedback
csv_file     all grades as CSV
coordinator  all submissions of an assignment
grading      one run from its beginning to its end
preview      what a run would do
progress     what is seen of it meanwhile
summary      what is said of it afterwards

Only the coordinator reads submissions and writes grades; workers get bytes and give bytes.
"""
