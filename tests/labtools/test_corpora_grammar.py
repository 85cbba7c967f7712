"""Tasks made by a grammar: their exact scores, by other ways of counting."""

import math
import random
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import product

import pytest
import torch

from labtools.corpora import entities, questions, sentiment
from labtools.corpora.grammar import Task, outcomes, uniform

TASKS = {module.__name__.rsplit(".", 1)[1]: module for module in (sentiment, questions, entities)}
each_task = pytest.mark.parametrize("module", TASKS.values(), ids=TASKS)


def best_accuracy(joint):
    """Σ_text max_answer p(text, answer), for {(text, answer): p}."""
    best = defaultdict(Fraction)
    for (text, _), prob in joint.items():
        best[text] = max(best[text], prob)
    return sum(best.values())


def assert_same(found, expected):
    assert set(found) == set(expected)
    assert max(abs(found[k] / float(p) - 1) for k, p in expected.items()) < 1e-9


def chance(weights):
    """A draw that really draws."""
    return random.choices(list(weights), list(weights.values()))[0]


# --- the machinery, on a task small enough for pencil and paper


def coin(draw):
    """A bent coin; after heads a second one, which is seen."""
    first = draw({"heads": 3.0, "tails": 1.0})
    seen = draw(uniform("a", "b", "c")) if first == "heads" else draw({"a": 0.5, "d": 0.5})
    return (seen,), first


def test_every_way_of_drawing_is_walked_once():
    found = list(outcomes(coin))
    assert len(found) == 5
    assert dict(found) == pytest.approx(
        {
            **{((seen,), "heads"): 1 / 4 for seen in "abc"},
            **{((seen,), "tails"): 1 / 8 for seen in "ad"},
        }
    )


def test_scores_of_the_coin():
    task = Task.of(outcomes(coin))
    assert task.posterior(("a",)) == pytest.approx({"heads": 2 / 3, "tails": 1 / 3})
    assert task.best_accuracy() == pytest.approx(7 / 8)
    in_a = -2 / 3 * math.log(2 / 3) - 1 / 3 * math.log(1 / 3)
    assert task.best_loss() == pytest.approx(3 / 8 * in_a)
    assert task.floor([(("a",), "tails"), (("b",), "heads")]) == pytest.approx(math.log(3) / 2)
    assert task.floor([(("d",), "heads")]) == math.inf
    with pytest.raises(ValueError, match="examples: expected at least one, got none"):
        task.floor([])
    blind = task.seen_as(lambda text: None)
    assert blind.best_accuracy() == pytest.approx(3 / 4)
    assert task.asking(lambda answer: None).best_loss() == 0
    with pytest.raises(ValueError, match=r"text: expected a text of the task, got \('z',\)"):
        task.posterior(("z",))


def test_samples_are_of_the_task_and_repeatable():
    task = Task.of(outcomes(coin))

    def draw():
        return task.sample(4000, torch.Generator().manual_seed(0))

    counts = Counter(draw())
    assert draw() == draw()
    assert set(counts) == {pair for pair, _ in task.pairs()}
    for pair, prob in task.pairs():
        assert counts[pair] / 4000 == pytest.approx(prob, abs=4 * (prob / 4000) ** 0.5)
    with pytest.raises(ValueError, match="n: expected an int of at least 1, got 0"):
        task.sample(0, torch.Generator())


# --- what holds for every task


@each_task
def test_probabilities_sum_to_one(module):
    for task in (module.task(), *module.split()):
        assert math.fsum(prob for _, prob in task.pairs()) == pytest.approx(1, abs=1e-12)
        assert all(prob > 0 for _, prob in task.pairs())


@each_task
def test_nothing_leaks_between_the_sides(module):
    whole, (train, held_out) = module.task(), module.split()
    assert not set(train.joint) & set(held_out.joint)
    assert set(train.joint) | set(held_out.joint) == set(whole.joint)
    if module is questions:
        assert not {context for context, _ in train.joint} & {c for c, _ in held_out.joint}
    mass = math.fsum(sum(whole.joint[text].values()) for text in held_out.joint)
    assert 0.08 < mass < 0.12


@each_task
def test_a_side_keeps_what_is_known_about_its_texts(module):
    whole, (train, held_out) = module.task(), module.split()
    for side in (train, held_out):
        for text in list(side.joint)[::97]:
            assert side.posterior(text) == pytest.approx(whole.posterior(text))
    mass = math.fsum(sum(whole.joint[text].values()) for text in held_out.joint)
    for score in (Task.best_accuracy, Task.best_loss):
        together = mass * score(held_out) + (1 - mass) * score(train)
        assert together == pytest.approx(score(whole))


@each_task
def test_every_held_out_word_is_known_from_training(module):
    def words(task):
        return {w for text in task.joint for w in (sum(text, ()) if module is questions else text)}

    train, held_out = module.split()
    assert words(held_out) <= words(train)


@each_task
def test_the_grammar_itself_lands_on_the_best_score(module):
    task, n = module.task(), 4_000
    make = module.example if module is questions else module.sentence
    random.seed(0)
    examples = [make(chance) for _ in range(n)]
    posteriors = [task.posterior(text) for text, _ in examples]
    right = [
        max(p, key=p.get) == answer for p, (_, answer) in zip(posteriors, examples, strict=True)
    ]
    best = task.best_accuracy()
    assert sum(right) / n == pytest.approx(best, abs=4 * (best * (1 - best) / n) ** 0.5)
    nll = torch.tensor(
        [-math.log(p[answer]) for p, (_, answer) in zip(posteriors, examples, strict=True)]
    )
    assert task.floor(examples) == pytest.approx(float(nll.mean()), rel=1e-5)
    assert float(nll.mean()) == pytest.approx(task.best_loss(), abs=4 * float(nll.std()) / n**0.5)


# --- sentiment


def sentiment_joint():
    """p(words, label) in fractions, by plain loops."""
    degrees = {(): Fraction(7, 10), ("very",): Fraction(3, 10)}
    clauses = [defaultdict(Fraction), defaultdict(Fraction)]  # p(clause | disliked), p(… | liked)
    for liked, (degree, p), (adjective, shares) in product(
        (0, 1), degrees.items(), sentiment.ADJECTIVES.items()
    ):
        plain, negated = Fraction(shares[liked], 28), Fraction(shares[1 - liked], 28)
        clauses[liked][(*degree, adjective)] += Fraction(7, 10) * p * plain
        clauses[liked][("not", *degree, adjective)] += Fraction(3, 10) * p * negated
    joint = {}
    for label, first, second in product((0, 1), sentiment.SUBJECTS, sentiment.SUBJECTS):
        for word, p, liked in (("and", 7, label), ("but", 3, 1 - label)):
            for (one, p_one), (two, p_two) in product(
                clauses[liked].items(), clauses[label].items()
            ):
                if first == second:
                    continue
                words = ("the", first, "was", *one, word, "the", second, "was", *two)
                prob = Fraction(1, 2) * Fraction(1, 12) * Fraction(p, 10) * p_one * p_two
                joint[words, sentiment.LABELS[label]] = prob
    return joint


def test_sentiment_scores_in_fractions():
    joint = sentiment_joint()
    assert sum(joint.values()) == 1
    task = sentiment.task()
    assert_same(dict(task.pairs()), joint)
    exact = best_accuracy(joint)
    assert task.best_accuracy() == pytest.approx(float(exact), abs=1e-12)
    assert float(exact) == pytest.approx(0.853, abs=5e-4)
    bags = defaultdict(Fraction)
    for (words, label), prob in joint.items():
        bags[frozenset(Counter(words).items()), label] += prob
    bag = task.seen_as(sentiment.bag_of_words)
    assert bag.best_accuracy() == pytest.approx(float(best_accuracy(bags)), abs=1e-12)
    assert bag.best_accuracy() == pytest.approx(0.643, abs=5e-4)
    assert (task.best_loss(), bag.best_loss()) == pytest.approx((0.322, 0.542), abs=5e-4)


def test_the_same_bag_of_words_can_mean_the_opposite():
    likes = "the plot was not boring and the music was strange"
    dislikes = "the plot was boring and the music was not strange"
    like, dislike = (sentiment.task().posterior(tuple(s.split())) for s in (likes, dislikes))
    assert sorted(likes.split()) == sorted(dislikes.split())
    assert like["positive"] == pytest.approx(0.8)
    assert dislike["positive"] == pytest.approx(0.2)
    praise = "the plot was weak but the acting was good"
    but = sentiment.task().posterior(tuple(praise.split()))
    # weak before «but»: 5 to 1 for praise; good after it: 8 to 2
    assert but["positive"] == pytest.approx(5 / 6 * 0.8 / (5 / 6 * 0.8 + 1 / 6 * 0.2))


# --- questions


def test_question_scores_in_fractions():
    # only the two things matter: for «what» the person named decides
    joint = defaultdict(Fraction)
    things = list(product(((), ("red",), ("blue",)), ("ball", "key")))
    for (first, second), meant in product(product(things, things), (0, 1)):
        colour, thing = (first, second)[meant]
        p = Fraction(1, 36) * (Fraction(3, 10), Fraction(7, 10))[meant]
        for named in [True, False] if colour else [True]:
            asked = (*(colour if named else ()), thing)
            joint[(first, second, asked), meant] += p * (Fraction(1, 2) if colour else 1)
    assert sum(joint.values()) == 1
    exact = Fraction(1, 3) + Fraction(2, 3) * best_accuracy(joint)
    assert questions.task().best_accuracy() == pytest.approx(float(exact), abs=1e-12)
    assert float(exact) == pytest.approx(0.922, abs=5e-4)


def test_what_is_missing_costs_what_the_docstring_says():
    task = questions.task()
    assert task.seen_as(lambda text: text[0]).best_accuracy() == pytest.approx(0.233, abs=5e-4)
    assert task.seen_as(lambda text: text[1]).best_accuracy() == pytest.approx(0.389, abs=5e-4)
    for part in (lambda span: span, lambda span: span[0], lambda span: span[1]):
        assert task.asking(part).best_loss() == pytest.approx(0.153, abs=5e-4)


def test_every_span_answers_its_question():
    for ((context, question), (start, end)), _ in questions.task().pairs():
        middle = context.index(".") + 1
        facts = context[:middle], context[middle:]
        fact, offset = (facts[0], 0) if start < middle else (facts[1], middle)
        answer, thing = context[start : end + 1], fact[2 : fact.index("in")]
        if question[0] == "what":
            assert question[2] == fact[0]
            assert (start, answer) == (offset + 2, thing)
        else:
            asked = question[2:-1]
            assert asked in (thing, ("the", thing[-1]))
            place = fact[fact.index("in") + 1 : -1]
            assert answer == (fact[:1] if question[0] == "who" else place)
        assert [answer == context[i : i + len(answer)] for i in range(len(context))].count(
            True
        ) == (2 if question[0] == "what" and facts[0][2:5] == facts[1][2:5] else 1)


def test_a_question_without_the_colour_is_uncertain():
    facts = "Anna put the red key in the car . Omar put the blue key in the attic ."
    context = tuple(facts.split())
    task = questions.task()
    assert task.posterior((context, ("who", "has", "the", "red", "key", "?"))) == {(0, 0): 1.0}
    vague = task.posterior((context, ("where", "is", "the", "key", "?")))
    assert vague == pytest.approx({(6, 7): 0.3, (15, 16): 0.7})


# --- entities


def entity_joint():
    """p(words, tags) in fractions: every filling of every sentence, by plain loops."""
    joint = defaultdict(Fraction)
    total = Fraction(sum(entities.SENTENCES.values()))
    for sentence, weight in entities.SENTENCES.items():
        slots = [entities.KINDS if slot == "ANY" else {slot: 1.0} for slot in sentence.split()]
        for kinds in product(*slots):
            p_kinds = math.prod(
                Fraction(w[kind]) / Fraction(sum(w.values()))
                for w, kind in zip(slots, kinds, strict=True)
            )
            for filling in product(*(entities.NAMES.get(kind, (kind,)) for kind in kinds)):
                prob = Fraction(weight) / total * p_kinds * _p_names(kinds, filling)
                if prob:
                    words, tags = _tagged(kinds, filling)
                    joint[words, tags] += prob * Fraction(2, 3)
                    joint[("yesterday", *words), ("O", *tags)] += prob * Fraction(1, 3)
    return joint


def _p_names(kinds, filling):
    prob, used = Fraction(1), []
    for kind, name in zip(kinds, filling, strict=True):
        if kind in entities.NAMES:
            left = [n for n in entities.NAMES[kind] if n not in used]
            prob *= Fraction(name in left, len(left))
            used.append(name)
    return prob


def _tagged(kinds, filling):
    words, tags = [], []
    for kind, name in zip(kinds, filling, strict=True):
        for i, word in enumerate(name.split()):
            words.append(word)
            tags.append(f"{'I' if i else 'B'}-{kind}" if kind in entities.NAMES else "O")
    return tuple(words), tuple(tags)


def test_entity_scores_in_fractions():
    joint = entity_joint()
    assert sum(joint.values()) == 1
    task = entities.task()
    assert_same(dict(task.pairs()), joint)
    exact = best_accuracy(joint)
    assert task.best_accuracy() == pytest.approx(float(exact), abs=1e-12)
    assert float(exact) == pytest.approx(0.922, abs=5e-4)
    tokens, words_alone, n_tokens = defaultdict(Fraction), defaultdict(Fraction), Fraction(0)
    for (words, tags), prob in joint.items():
        n_tokens += prob * len(words)
        for t, (word, tag) in enumerate(zip(words, tags, strict=True)):
            tokens[(words, t), tag] += prob
            words_alone[word, tag] += prob
    by_token = entities.by_token(task)
    alone = by_token.seen_as(entities.word_alone)
    expected = [float(best_accuracy(j) / n_tokens) for j in (tokens, words_alone)]
    assert [by_token.best_accuracy(), alone.best_accuracy()] == pytest.approx(expected, abs=1e-12)
    assert expected == pytest.approx([0.985, 0.787], abs=5e-4)
    assert by_token.best_loss() == pytest.approx(0.0235, abs=5e-5)


def test_tags_are_well_formed():
    for (words, tags), _ in entities.task().pairs():
        assert len(words) == len(tags)
        assert set(tags) <= set(entities.TAGS)
        for before, tag in zip(("O", *tags), tags, strict=False):
            assert tag[0] != "I" or before[1:] == tag[1:]


def test_context_tells_most_names_apart():
    def tags(text):
        return {" ".join(t): p for t, p in entities.task().posterior(tuple(text.split())).items()}

    assert tags("Paris lives in Virginia") == {"B-PER O O B-LOC": 1.0}
    assert tags("Anna said Jordan Ford left") == {"B-PER O B-PER I-PER O": 1.0}
    assert tags("Anna told Jordan Ford left") == {"B-PER O B-PER B-PER O": 1.0}
    # a person half of the time and one of 13, or a place three times in ten and one of 7
    person, place = 0.5 / 13, 0.3 / 7
    assert tags("they wrote about Paris") == pytest.approx(
        {"O O O B-PER": person / (person + place), "O O O B-LOC": place / (person + place)}
    )
    both = tags("Omar told Anna Jordan Ford left")
    assert set(both) == {"B-PER O B-PER I-PER B-PER O", "B-PER O B-PER B-PER I-PER O"}
