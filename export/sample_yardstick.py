"""How good samples are: against real pictures, in the feature space of a judge, beside what held-out pictures and reconstructions reach.

Three columns are measured alike. ``real``: pictures of the test split, which no model has seen; the most that can be asked for.
``reconstructions``: the same through encoder and decoder; the most that any prior can reach on these tokens. ``samples``: what the prior
makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoterm.brief import sampling_for
from emoterm.bundle import Bundle
from emoterm.chance import brief_by_chance
from emoterm.codec import Codec
from emoterm.gallery import Gallery
from emoterm.prior import Prior
from emoterm.prompt import ParsedPrompt, parse_prompt
from emoterm.request import SEARCH_VERSION, Request
from emoterm.restyling import LAW
from emoterm.retrieval import brief_by_words
from emoterm.sampling import SamplingParams
from emoterm.vocabulary import Condition
from trainer import sample_metrics as metrics
from trainer.data import EmojiRow, EmojiSet
from trainer.errors import TrainerError
from trainer.judge.labels import held_out
from trainer.judge.network import Verdict
from trainer.judge.run import Judge
from trainer.judge.sets import one_of_each, spread
from trainer.siblings import Siblings

I64 = NDArray[np.int64]
Narrate = Callable[[str], None]

COLUMNS = ("samples", "reconstructions", "real")
NEIGHBOURS_PRECISION, NEIGHBOURS_COVERAGE = 3, 5
"""k of precision and recall, and of density and coverage, as in their papers."""
TOP = (1, 5)
RANKS_AT_MOST = 50
"""How far the retrieval curve goes."""
_DECODED_AT_ONCE = 256
_FEWEST = 10


@dataclass(frozen=True)
class Column:
    """What one column of the table is measured on."""

    pictures: Verdict
    """Of pictures of anything, of which nothing was asked."""
    asked: Verdict
    """Of pictures of certain emojis in certain styles, in the order of the yardstick's prompts."""
    words_alone: Verdict
    """Of the same, where a prior drew them from their words and after no emoji of the gallery."""
    by_chance: Verdict
    """Of pictures that a prior drew after emojis of chance."""
    redrawn: Verdict | None = None
    """Of those that nobody has seen, drawn after the same emoji in another style and not told its name; for a prior that can."""


class SampleYardstick:
    """Everything that does not depend on the samples, measured once.

    Args:
        bundle: an open bundle.
        judge: trained on the training split of the same data.
        emojis: all rows, of both splits.
        prompts: how many names to ask for, of known emojis and of held-out ones; fewer where there are not as many.
        device: of the bundle's graphs.
        narrate: told what is being done.

    Raises:
        TrainerError: too few pictures for any of these figures, or pictures of fewer than two styles.
    """

    def __init__(
        self, bundle: Bundle, judge: Judge, emojis: EmojiSet, *, prompts: int = 250, device: str = "auto", narrate: Narrate | None = None
    ) -> None:
        self._say = narrate or (lambda line: None)
        self._of_anything: dict[tuple[str, SamplingParams, int, int], Verdict] = {}
        self.judge = judge
        self.codec, self.prior = Codec(bundle, device=device), Prior(bundle, device=device)
        self.channels = bundle.manifest.image.channels
        train, test = emojis.split("train"), emojis.split("test")
        if len(emojis.styles) < 2:
            raise TrainerError("Samples are measured on emojis that come in two styles or more.", fix="Use data with a column 'style'.")
        distinct_train, distinct_test = (part.subset(one_of_each(part.rows)) for part in (train, test))
        if len(distinct_test) < _FEWEST or len(distinct_train) < len(distinct_test):
            raise TrainerError(f"{len(distinct_test)} test pictures are too few to measure samples on.", fix=f"{_FEWEST} are the fewest.")
        self.n = len(distinct_test)
        """Pictures that are compared at a time."""

        # The prompts: emojis the prior was trained on, in a style that the judge has not seen them in, and emojis nobody has seen.
        known = train.subset(held_out(train.rows) & one_of_each(train.rows) & _plain(train.rows))
        unseen = distinct_test.subset(_plain(distinct_test.rows))
        known, unseen = (part.subset(spread(len(part), prompts)) for part in (known, unseen))
        self.asked = EmojiSet(torch.cat([known.images, unseen.images]), [*known.rows, *unseen.rows])
        self.is_known = torch.arange(len(self.asked)) < len(known)
        siblings = test.subset(_siblings(test, unseen))
        _, indices = self.codec.encode((siblings.images.float() / 255).numpy())
        self._sources: I64 = indices.reshape(len(indices), -1)  # (n, 16, 16) → (n, 256)
        self._gallery = Gallery.from_bundle(bundle)
        self._prompts = [_prompt(row, self.prior, self._gallery) for row in self.asked.rows]

        self._say(f"judging {len(train):,} training and {len(test):,} test pictures")
        seen_train, seen_test = judge(self._seen(train.images)), judge(self._seen(test.images))
        of_train, of_test = (one_of_each(part.rows).nonzero().flatten() for part in (train, test))
        self.training = seen_train.features
        self.reference = seen_train.features[of_train[spread(len(of_train), self.n)]]
        embeddings = torch.cat([seen_train.embedding[of_train], seen_test.embedding[of_test]])
        self._candidates = self._make_candidates([*distinct_train.rows, *distinct_test.rows], embeddings)
        self.real = self._column(Verdict(*(part[of_test] for part in seen_test)), judge(self._seen(self.asked.images)))
        self._say(f"reconstructing {self.n + len(self.asked):,} pictures")
        self.reconstructions = self._column(judge(self._reconstruct(distinct_test.images)), judge(self._reconstruct(self.asked.images)))
        self._real_to_training = metrics.nearest(self.real.pictures.features, self.training)
        self._fixed = {"real": self._measure(self.real), "reconstructions": self._measure(self.reconstructions)}

    def score(self, params: SamplingParams, *, n: int, seed: int = 0) -> dict[str, Any]:
        """Sample ``n`` pictures of anything, as many after emojis of chance, and some for each prompt, and measure them.

        Args:
            params: the sampling law.
            n: how many.
            seed: of the draws.

        Returns:
            ``n``; ``compared_at_once``, the pictures of a set; ``prompts_known``, ``prompts_unseen``; ``metrics``: name → column → number;
            ``curves``: name → column → numbers.

        Raises:
            TrainerError: ``n`` is below the size of a set, which is the number of distinct pictures of the test split.
        """
        if n < self.n:
            raise TrainerError(f"{n} samples are too few: they are compared with {self.n} test pictures.", fix=f"Use --samples {self.n}.")
        self._say(f"sampling {n:,} pictures, then {len(self.asked):,} by name")
        # Guidance changes nothing where nothing is asked, and other settings leave the law after an emoji as it is: they share pictures.
        free, after = replace(params, guidance=1.0), sampling_for(params)
        for name, law, draw in (("free", free, self._draw_free), ("by chance", after, self._draw_by_chance)):
            if (name, law, n, seed) not in self._of_anything:
                self._of_anything[name, law, n, seed] = self.judge(draw(n, seed, law))
        alone = self._sample([prompt.condition for prompt in self._prompts], seed + 1, params)
        column = Column(
            pictures=self._of_anything["free", free, n, seed],
            asked=self.judge(self._draw_after(seed + 1, params)),
            words_alone=self.judge(alone),
            by_chance=self._of_anything["by chance", after, n, seed],
            redrawn=self._redraw(seed + 1),
        )
        columns = {"samples": self._measure(column), **self._fixed}
        names = list(columns["samples"][0])
        return {
            "n": n,
            "compared_at_once": self.n,
            "prompts_known": int(self.is_known.sum()),
            "prompts_unseen": int((~self.is_known).sum()),
            "metrics": {name: {key: columns[key][0][name] for key in COLUMNS} for name in names},
            "curves": {name: {key: columns[key][1][name] for key in COLUMNS} for name in columns["samples"][1]},
        }

    def _measure(self, column: Column) -> tuple[dict[str, float], dict[str, list[float]]]:
        """The figures of one column, and its curves."""
        figures: dict[str, float] = {}
        curves: dict[str, list[float]] = {}
        for prefix, verdict in (("", column.pictures), ("by_chance_", column.by_chance)):
            figures |= {f"{prefix}{name}": value for name, value in self._measure_sets(verdict.features).items()}
            to_training = metrics.nearest(verdict.features, self.training)
            figures[f"{prefix}memorised"] = metrics.memorised_share(to_training, self._real_to_training)
            curves[f"{prefix}nearest_training_picture"] = to_training.quantile(torch.linspace(0, 1, 101)).tolist()
        for prefix, verdict in (("", column.asked), ("words_alone_", column.words_alone)):
            figures[f"{prefix}style_accuracy"] = self._style_accuracy(verdict, self.asked.rows)
            near = metrics.nearest(verdict.features, self.training)
            figures[f"{prefix}memorised_asked"] = metrics.memorised_share(near, self._real_to_training)
            places = self._places(verdict, self.asked.rows)
            for name, which in (("known", self.is_known), ("unseen", ~self.is_known)):
                for k in TOP:
                    figures[f"{prefix}retrieval_top{k}_{name}"] = metrics.top_share(places[which], k)
                curves[f"{prefix}retrieval_{name}"] = [metrics.top_share(places[which], k) for k in range(1, RANKS_AT_MOST + 1)]
        if column.redrawn is not None:
            figures["restyle_style_accuracy"] = self._style_accuracy(column.redrawn, self._unseen_rows)
            found = self._places(column.redrawn, self._unseen_rows)
            figures |= {f"restyle_retrieval_top{k}": metrics.top_share(found, k) for k in TOP}
        return figures, curves

    def _column(self, pictures: Verdict, asked: Verdict) -> Column:
        """Of pictures that no prior made: those redrawn are the same as those asked for."""
        unseen = Verdict(*(part[~self.is_known] for part in asked)) if self.prior.source.exists else None
        return Column(pictures, asked, words_alone=asked, by_chance=pictures, redrawn=unseen)

    @property
    def _unseen_rows(self) -> list[EmojiRow]:
        return [row for row, known in zip(self.asked.rows, self.is_known.tolist(), strict=True) if not known]

    def _style_accuracy(self, verdict: Verdict, rows: Sequence[EmojiRow]) -> float:
        return float((verdict.style.argmax(1) == self.judge.labels.targets(rows)[:, 2]).double().mean())

    def _redraw(self, seed: int) -> Verdict | None:
        """Each held-out emoji in the style asked for, from its picture in another style, with the settings of ``emoterm restyle``."""
        if not self.prior.source.exists:
            return None
        conditions = [Condition(style=row.style if row.style in self.prior.vocabulary.styles else None) for row in self._unseen_rows]
        return self.judge(self._decode(self.prior.generate(conditions, seed=seed, params=LAW, sources=self._sources)))

    def _measure_sets(self, features: Tensor) -> dict[str, float]:
        """Figures of sets depend on their size: of many samples, parts as large as the test split are measured and averaged."""
        parts = [features[start : start + self.n] for start in range(0, len(features) - self.n + 1, self.n)]
        means = torch.tensor([self._measure_set(part) for part in parts]).double().mean(0).tolist()
        return dict(zip(("frechet_distance", "precision", "recall", "density", "coverage"), means, strict=True))

    def _measure_set(self, features: Tensor) -> tuple[float, ...]:
        return (
            metrics.frechet_distance(self.reference, features),
            *metrics.precision_recall(self.reference, features, NEIGHBOURS_PRECISION),
            *metrics.density_coverage(self.reference, features, NEIGHBOURS_COVERAGE),
        )

    def _make_candidates(self, rows: Sequence[EmojiRow], embeddings: Tensor) -> dict[str, Tensor]:
        """For each style, what every emoji looks like in the other styles: prototypes (bases, E)."""
        self._bases = {base: i for i, base in enumerate(sorted({row.base for row in rows}))}
        classes = torch.tensor([self._bases[row.base] for row in rows])
        styles = np.array([row.style for row in rows])
        return {
            style: metrics.prototypes(embeddings[keep], classes[keep], len(self._bases))
            for style in self.judge.labels.styles
            for keep in [torch.from_numpy(styles != style)]
        }

    def _places(self, asked: Verdict, rows: Sequence[EmojiRow]) -> Tensor:
        """Rank of the emoji asked for among all, looked up in the styles that were not asked for: (prompts,)."""
        places = torch.zeros(len(rows), dtype=torch.int64)
        classes = torch.tensor([self._bases[row.base] for row in rows])
        for style, candidates in self._candidates.items():
            which = torch.tensor([row.style == style for row in rows])
            places[which] = metrics.ranks(asked.embedding[which], classes[which], candidates)
        return places

    def _draw_after(self, seed: int, params: SamplingParams) -> Tensor:
        """As ``emoterm sample --prompt NAME --style STYLE``, but not painted, and after emojis of the training split alone."""
        brief = [
            brief_by_words(
                Request(prompt.words, prompt.style, prompt.sought, search_version=SEARCH_VERSION),
                gallery=self._gallery,
                prior=self.prior,
                seed=seed,
                pictures=range(i, i + 1),
                split="train",
            )
            for i, prompt in enumerate(self._prompts)
        ]
        tokens = np.empty((len(brief), self.prior.n_tokens), np.int64)
        for is_after in (True, False):
            which = [i for i, each in enumerate(brief) if bool(each.after) is is_after]
            sources = [found for i in which if (found := brief[i].sources) is not None]
            tokens[which] = self.prior.generate(
                [brief[i].conditions[0] for i in which],
                seed=seed,
                params=sampling_for(params) if is_after else params,
                sources=np.concatenate(sources) if sources else None,
            )
        return self._decode(tokens)

    def _draw_free(self, n: int, seed: int, params: SamplingParams) -> Tensor:
        """As ``emoterm sample --free`` does."""
        return self._sample([Condition()] * n, seed, params)

    def _draw_by_chance(self, n: int, seed: int, params: SamplingParams) -> Tensor:
        """As ``emoterm sample`` does where nothing is asked, but after emojis of the training split alone."""
        brief = brief_by_chance(None, gallery=self._gallery, prior=self.prior, seed=seed, pictures=range(n), split="train")
        return self._decode(self.prior.generate(brief.conditions, seed=seed, params=params, sources=brief.sources))

    def _sample(self, conditions: Sequence[Condition], seed: int, params: SamplingParams) -> Tensor:
        return self._decode(self.prior.generate(conditions, seed=seed, params=params))

    def _reconstruct(self, images: Tensor) -> Tensor:
        _, indices = self.codec.encode((images.float() / 255).numpy())
        return self._decode(indices.reshape(len(indices), -1))  # (N, 16, 16) → (N, 256)

    def _decode(self, tokens: I64) -> Tensor:
        """(N, 256) → (N, 4, 64, 64) uint8."""
        parts = [self.codec.decode_tokens(tokens[i : i + _DECODED_AT_ONCE]) for i in range(0, len(tokens), _DECODED_AT_ONCE)]
        return torch.cat([torch.from_numpy(part * 255).round().to(torch.uint8) for part in parts])

    def _seen(self, images: Tensor) -> Tensor:
        """Real pictures as the bundle could show them at best: over white where it knows no alpha."""
        if self.channels == 4:
            return images
        alpha = images[:, 3:]
        return torch.cat([images[:, :3] + (255 - alpha), torch.full_like(alpha, 255)], 1)


def _siblings(test: EmojiSet, unseen: EmojiSet) -> Tensor:
    """Rows of the test split that show the emojis of ``unseen`` in another style: (n,)."""
    siblings = Siblings(test.rows, torch.device("cpu"))
    place = {(row.text, row.style): i for i, row in enumerate(test.rows)}
    return siblings.first(torch.tensor([place[row.text, row.style] for row in unseen.rows], dtype=torch.int64))


def _plain(rows: Sequence[EmojiRow]) -> Tensor:
    """Rows without a skin tone, which no name would ask for, and with a style: (N,) bool."""
    return torch.tensor([not row.skin_tone and bool(row.style) for row in rows], dtype=torch.bool)


def _prompt(row: EmojiRow, prior: Prior, gallery: Gallery) -> ParsedPrompt:
    """What ``emoterm sample --prompt NAME --style STYLE`` would ask for."""
    style = row.style if row.style in prior.vocabulary.styles else None
    return parse_prompt(row.text, prior.vocabulary, style=style, names=gallery if gallery.exists else None)
