"""Where in the book each idea is explained."""

OBJECTIVE = "chapter 3, “From the chain rule to the loss” (ch03_clm, clm-objective)"
SHIFT = "chapter 3, “The shift” (ch03_clm, clm-shift)"
MASK = "chapter 3, “The causal mask” (ch03_clm, clm-mask)"
NORMALISE = "chapter 3, “What the loss is divided by” (ch03_clm, clm-normalise)"
PACKING = "chapter 3, “Packed documents” (ch03_clm, clm-packing)"
GENERATION = "chapter 3, “Generation” (ch03_clm, clm-generation)"
