"""Where in the book each idea is explained."""

SHIFT = "chapter 3, “The shift” (ch03_clm, clm-shift)"
NORMALISE = "chapter 3, “What the loss is divided by” (ch03_clm, clm-normalise)"
PACKING = "chapter 3, “Packed documents” (ch03_clm, clm-packing)"
GENERATION = "chapter 3, “Generation” (ch03_clm, clm-generation)"
