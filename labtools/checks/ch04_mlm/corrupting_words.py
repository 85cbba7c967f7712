"""What is said of a wrong ``corrupt``."""

from labtools.checks.ch04_mlm.sections import CORRUPTION, SELECTION, TREATMENTS
from labtools.checks.report import Diagnosis
from labtools.checks.spec import Words

STATIC = Words(
    "the next call corrupts in the same way again",
    "A text that comes again should be corrupted in another way: masking is dynamic. Draw from "
    "the generator itself, so that the next call goes on from where it stands. A generator made or "
    "seeded in the function, even with the seed of the given one, starts anew in every call.",
    SELECTION,
)
GENERATOR = Words(
    "the generator is not used as it should be",
    "Hand it to every function that draws: torch.rand(input_ids.shape, generator=generator), and "
    "torch.randint too. All randomness comes from it: PyTorch's own is neither used nor seeded, "
    "nor are Python's (`random`) and NumPy's (`np.random`).",
    SELECTION,
)

BANDS = (
    "One number u in [0, 1) for each token, in three bands: below 0.8 it is masked, from 0.8 to "
    "0.9 it becomes a random one, and from 0.9 on it is kept."
)

WORDS = {
    "unselected-changed": Words(
        "tokens that were not selected are changed",
        "Only where `selected` is True may anything change.",
        CORRUPTION,
    ),
    "selection-inverted": Words(
        "the tokens that were not selected are corrupted, and the selected ones are left",
        "`selected` is True at the tokens to corrupt.",
        CORRUPTION,
    ),
    "out-of-vocabulary": Words(
        "an id comes out that the vocabulary does not have",
        "The ids are 0 … vocab_size − 1, and torch.randint(vocab_size, …) draws from just these: "
        "its end is not included, that of Python's random.randint is. (IGNORE_INDEX belongs in "
        "the targets and never in the inputs.)",
        TREATMENTS,
    ),
    "nothing-corrupted": Words(
        "no selected token is corrupted",
        f"The selected ones are to be treated. {BANDS} (A mask as an index on the left: "
        "x[mask] = y. What x[a][b] = y changes is a copy.)",
        TREATMENTS,
    ),
    "all-masked": Words(
        "every selected token is masked",
        "80 % of them are, 10 % become a random token and 10 % stay. A model that saw a mask at "
        "every position that it is asked about would learn nothing about the others, and there is "
        "no mask when it is used.",
        TREATMENTS,
    ),
    "wrong-mask-id": Words(
        "tokens become another id than mask_id",
        "The mask's id depends on the vocabulary, and is an argument.",
        TREATMENTS,
    ),
    "one-treatment-for-all": Words(
        "one draw decides on the treatment of all selected tokens",
        "Each token draws for itself: as many numbers as there are tokens, "
        "torch.rand(input_ids.shape, …).",
        TREATMENTS,
    ),
    "one-treatment-a-row": Words(
        "all selected tokens of a row are treated alike",
        "Each token draws for itself: as many numbers as there are tokens, "
        "torch.rand(input_ids.shape, …).",
        TREATMENTS,
    ),
    "same-for-all-rows": Words(
        "every row is treated in the same way",
        "Each token draws for itself: torch.rand(input_ids.shape, …) has numbers for all B rows, "
        "where torch.rand(T, …) has them for one, which all others share.",
        TREATMENTS,
    ),
    "by-position": Words(
        "the treatment depends on the position",
        "Which selected tokens are masked, which become random and which are kept is drawn: it "
        "says nothing about where they stand.",
        TREATMENTS,
    ),
    "one-random-id": Words(
        "the random tokens are not drawn one by one: several are the same",
        "Each one is an id of its own, drawn anew: torch.randint(vocab_size, input_ids.shape, …).",
        TREATMENTS,
    ),
    "of-the-remainder": Words(
        "10 % is taken of what is left, and not of all selected tokens",
        "After 80 % are masked, 20 % are left, and it is half of those that become random: 10 % of "
        "20 % is 2 %. (Masks that are written over random tokens have the same effect: 80 % of the "
        "10 % are lost.) "
        f"{BANDS}",
        TREATMENTS,
    ),
    "independent-draws": Words(
        "the treatments are drawn independently, so that they overlap",
        "A token that is masked by one draw is made random, or kept, by another: 10 % of the 80 % "
        "are lost. The three exclude each other, so one draw decides. " + BANDS,
        TREATMENTS,
    ),
    "drawn-anew": Words(
        "each comparison draws anew",
        "torch.rand gives other numbers each time: the one that is compared with 0.9 says nothing "
        "of the one that was compared with 0.8. Draw u once, before, and compare it twice. "
        f"{BANDS}",
        TREATMENTS,
    ),
    "none-kept": Words(
        "no selected token is kept as it was",
        f"10 % of them stay, and are scored all the same. {BANDS}",
        TREATMENTS,
    ),
    "none-random": Words(
        "no selected token becomes a random one",
        f"10 % of them do. {BANDS}",
        TREATMENTS,
    ),
    "none-masked": Words(
        "no selected token becomes mask_id",
        "80 % of them do. Does a later assignment write over the masks? Where u is the number "
        "that was drawn, u < 0.9 is true of those below 0.8 too.",
        TREATMENTS,
    ),
    "swapped": Words(
        "the shares of two treatments are swapped",
        BANDS,
        TREATMENTS,
    ),
    "all-random": Words(
        "every selected token becomes a random one",
        f"Only 10 % of them do. {BANDS}",
        TREATMENTS,
    ),
    "wrong-shares": Words(
        "the shares of the treatments are not 80, 10 and 10 %",
        BANDS,
        TREATMENTS,
    ),
    "not-independent": Words(
        "tokens of a row are treated alike",
        "Each selected token is treated by itself: what becomes of one says nothing of another.",
        TREATMENTS,
    ),
    "ids-missing": Words(
        "some ids are never drawn as random ones",
        "A random token is drawn from all vocab_size ids, special ones included, as in BERT's "
        "code: torch.randint(vocab_size, …) draws from 0 … vocab_size − 1.",
        TREATMENTS,
    ),
    "ids-of-the-batch": Words(
        "the random tokens are all tokens of the batch",
        "They are drawn from all vocab_size ids, each with the same chance, and not from the text.",
        TREATMENTS,
    ),
    "wrong-ids": Words(
        "the random tokens are not uniform",
        "They are drawn from all vocab_size ids, each with the same chance: "
        "torch.randint(vocab_size, …).",
        TREATMENTS,
    ),
    "by-token": Words(
        "the treatment depends on the token",
        "It is drawn, whatever the token is.",
        TREATMENTS,
    ),
    "true-excluded": Words(
        "a random token is never the one that was there",
        "It is drawn from all vocab_size ids, the true one included, as in BERT's code: here with "
        "a vocabulary of three, where that shows.",
        TREATMENTS,
    ),
    "mask-excluded": Words(
        "a random token is never mask_id",
        "It is drawn from all vocab_size ids, special ones included, as in BERT's code: here with "
        "a vocabulary of three, where that shows.",
        TREATMENTS,
    ),
}


def say(name: str, where: str) -> Diagnosis:
    """The diagnosis of a mistake that has words."""
    words = WORDS[name]
    return Diagnosis(words.title, words.explain, where, words.section, name)
