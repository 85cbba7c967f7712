"""Where in the book each idea is explained."""

CHAPTER = "in the chapter “Causal language modelling”"

OBJECTIVE = f"“From the chain rule to the loss” {CHAPTER} (ch03_clm.html#clm-objective)"
SHIFT = f"“The shift” {CHAPTER} (ch03_clm.html#clm-shift)"
MASK = f"“The causal mask” {CHAPTER} (ch03_clm.html#clm-mask)"
NORMALISE = f"“What the loss is divided by” {CHAPTER} (ch03_clm.html#clm-normalise)"
PACKING = f"“Packed documents” {CHAPTER} (ch03_clm.html#clm-packing)"
GENERATION = f"“Generation” {CHAPTER} (ch03_clm.html#clm-generation)"
