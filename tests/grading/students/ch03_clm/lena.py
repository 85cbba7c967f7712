"""The file broke on the way.

handed in: damaged
all: not a readable notebook
"""
# %% next_token_targets
def next_token_targets(input_ids, lengths):
    return input_ids
