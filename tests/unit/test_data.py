"""Sources, decoding, splits, weights and words of the training data, on pictures and fonts made here."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph as SbixGlyph
from fontTools.ttLib.tables.sbixStrike import Strike
from PIL import Image

from trainer.data import EmojiRow, EmojiSet, build_word_vocabulary, condition_words, load_emojis, picture_digest
from trainer.errors import TrainerError
from trainer.sources.picture import decode_picture
from trainer.sources.row import hash_split, without_skin_tone


def encoded(colour: tuple[int, ...] = (255, 0, 0, 255), size: tuple[int, int] = (64, 64), form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, form, **options)
    return buffer.getvalue()


def write_parquet(path: Path, texts: list[str], **columns: list[Any]) -> str:
    images = [{"bytes": encoded((10 * i, 0, 0, 255)), "path": None} for i in range(len(texts))]
    pq.write_table(pa.table({"image": images, "text": texts, **columns}), path)
    return str(path)


def a_set(rows: list[EmojiRow]) -> EmojiSet:
    return EmojiSet(torch.arange(len(rows), dtype=torch.uint8)[:, None, None, None].expand(-1, 4, 2, 2), rows)


def test_parquet_rows_and_pictures_stay_together_in_order(tmp_path: Path) -> None:
    source = write_parquet(
        tmp_path / "e.parquet", ["cat", "dog"], style=["noto", "blob"], keywords=[["pet"], ["pet", "bark"]], split=["train", "test"]
    )
    emojis = load_emojis(source)
    assert emojis.images.shape == (2, 4, 64, 64)
    assert emojis.images.dtype == torch.uint8
    assert emojis.images[:, 0, 0, 0].tolist() == [0, 10]
    assert emojis.rows[1] == EmojiRow("dog", style="blob", keywords=("pet", "bark"), split="test", base="dog")
    assert emojis.styles == ["blob", "noto"]


def test_shards_of_a_folder_are_read_in_order_and_name_their_split(tmp_path: Path) -> None:
    write_parquet(tmp_path / "test-00000-of-00001.parquet", ["cat"])
    write_parquet(tmp_path / "train-00000-of-00001.parquet", ["dog", "owl"])
    emojis = load_emojis(str(tmp_path))
    assert [(row.text, row.split) for row in emojis.rows] == [("cat", "test"), ("dog", "train"), ("owl", "train")]


def test_limit_takes_the_first_rows_over_all_shards(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", ["cat", "dog"])
    write_parquet(tmp_path / "b.parquet", ["owl", "bat"])
    assert [row.text for row in load_emojis(str(tmp_path), limit=3).rows] == ["cat", "dog", "owl"]


def test_other_columns_can_be_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"picture": [encoded()], "title": ["cat"]}), tmp_path / "e.parquet")
    assert load_emojis(str(tmp_path / "e.parquet"), image_column="picture", text_column="title").rows[0].text == "cat"


def test_folder_without_metadata_takes_names_from_files_and_split_from_folders(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "red_heart.png").write_bytes(encoded())
    (tmp_path / "cat-face.webp").write_bytes(encoded(form="WEBP", lossless=True))
    (tmp_path / "notes.txt").write_text("no picture")
    rows = {row.text: row.split for row in load_emojis(str(tmp_path)).rows}
    assert rows.keys() == {"red heart", "cat face"}
    assert rows["red heart"] == "test"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_folder_with_metadata_takes_what_it_lists(tmp_path: Path, suffix: str) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(encoded())
    if suffix == ".csv":
        content = 'file_name,text,style,keywords\n1.png,cat,noto,"pet, animal"\n'
    else:
        content = json.dumps({"file_name": "1.png", "text": "cat", "style": "noto", "keywords": ["pet", "animal"]}) + "\n"
    (tmp_path / f"metadata{suffix}").write_text(content)
    (row,) = load_emojis(str(tmp_path)).rows
    assert (row.text, row.style, row.keywords) == ("cat", "noto", ("pet", "animal"))


def test_saved_dataset_equals_its_parquet(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    features = datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")})
    pictures = [Image.new("RGBA", (16, 16), (50 * i, 0, 0, 200)) for i in range(3)]
    dataset = datasets.Dataset.from_dict({"image": pictures, "text": ["cat", "dog", "owl"]}, features=features)
    dataset.save_to_disk(tmp_path / "one")
    datasets.DatasetDict(train=dataset, test=dataset.select([2])).save_to_disk(tmp_path / "two")
    dataset.to_parquet(tmp_path / "e.parquet")
    one, two, parquet = (load_emojis(str(tmp_path / name)) for name in ("one", "two", "e.parquet"))
    assert torch.equal(one.images, parquet.images)
    assert one.rows == parquet.rows
    assert [row.split for row in two.rows] == ["train", "train", "train", "test"]
    assert torch.equal(two.images[3], parquet.images[2])


def test_unreachable_hub_id_names_the_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(TrainerError, match="nobody/no-such-emojis") as caught:
        load_emojis("nobody/no-such-emojis")
    assert "\n" not in caught.value.what
    assert "font:PATH" in str(caught.value)


@pytest.mark.parametrize("source", ["", "nothing-here", "/no/such/folder", "missing/file.parquet", "font:/no/such.ttf"])
def test_missing_source_is_one_error_with_a_way_out(source: str) -> None:
    with pytest.raises(TrainerError) as caught:
        load_emojis(source)
    assert caught.value.fix


def test_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    pq.write_table(pa.table({"picture": [encoded()], "text": ["cat"]}), tmp_path / "e.parquet")
    with pytest.raises(TrainerError, match=r"no column 'image'; it has picture, text"):
        load_emojis(str(tmp_path / "e.parquet"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "metadata.csv").write_text("file_name\n1.png\n")
    with pytest.raises(TrainerError, match=r"no column 'text'"):
        load_emojis(str(tmp_path / "folder"))


def test_files_that_are_no_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "e.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(TrainerError, match="cannot be read as parquet"):
        load_emojis(str(tmp_path / "e.parquet"))
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0")
    with pytest.raises(TrainerError, match="cannot be read as a font"):
        load_emojis(f"font:{tmp_path / 'font.ttf'}")
    with pytest.raises(TrainerError, match="is a font"):
        load_emojis(str(tmp_path / "font.ttf"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainerError, match="holds no images"):
        load_emojis(str(tmp_path / "empty"))
    with pytest.raises(TrainerError, match="at least 1"):
        load_emojis(str(tmp_path / "e.parquet"), limit=0)


def test_damaged_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(encoded()[:60])
    with pytest.raises(TrainerError, match=r"cat\.png cannot be decoded"):
        load_emojis(str(tmp_path))


def test_half_transparent_red_is_stored_associated() -> None:
    assert decode_picture(encoded((255, 0, 0, 128)), size_px=64)[0, 0].tolist() == [128, 0, 0, 128]


def test_hidden_colour_does_not_bleed_when_resized() -> None:
    pixels = np.zeros((128, 128, 4), dtype=np.uint8)
    pixels[..., 1] = 255  # green that is fully transparent …
    pixels[32:96, 32:96] = (255, 0, 0, 255)  # … around an opaque red square
    small = decode_picture(Image.fromarray(pixels), size_px=64)
    assert small[..., 1].max() == 0
    assert (small[..., :3] <= small[..., 3:]).all()
    assert small[32, 32].tolist() == [255, 0, 0, 255]


def test_wide_picture_is_padded_to_a_square_in_the_middle() -> None:
    alpha = decode_picture(encoded(size=(64, 32)), size_px=64)[..., 3]
    assert alpha[:16].max() == 0
    assert alpha[16:48].min() == 255
    assert alpha[48:].max() == 0


def test_other_modes_are_accepted() -> None:
    grey16 = Image.fromarray(np.full((64, 64), 0x8080, dtype=np.uint16))
    assert decode_picture(grey16, size_px=64)[0, 0].tolist() == [128, 128, 128, 255]
    palette = Image.new("RGB", (64, 64), (0, 0, 255)).quantize(4)
    assert decode_picture(palette, size_px=64)[0, 0].tolist() == [0, 0, 255, 255]
    grey_alpha = Image.new("LA", (64, 64), (255, 100))
    assert decode_picture(grey_alpha, size_px=64)[0, 0].tolist() == [100, 100, 100, 100]


def test_rows_without_split_get_one_that_variants_and_styles_share(tmp_path: Path) -> None:
    texts = ["waving hand", "waving hand: dark skin tone", "Waving hand: light skin tone"]
    splits = {row.split for row in load_emojis(write_parquet(tmp_path / "e.parquet", texts)).rows}
    assert len(splits) == 1


def test_hash_split_is_fixed_and_keeps_a_tenth_for_testing() -> None:
    names = [f"emoji {i}" for i in range(2000)]
    tested = [name for name in names if hash_split(name) == "test"]
    assert 160 <= len(tested) <= 240  # 200 ± 3 σ
    assert tested[:3] == ["emoji 26", "emoji 34", "emoji 53"]  # the same on every machine, for ever


def test_skin_tone_and_base_come_from_the_emoji_or_the_name(tmp_path: Path) -> None:
    texts = ["waving hand", "Waving Hand: Medium-Dark Skin Tone", "light skin tone"]
    by_name = load_emojis(write_parquet(tmp_path / "a.parquet", texts)).rows
    assert [row.skin_tone for row in by_name] == ["", "medium-dark", ""]
    by_emoji = load_emojis(write_parquet(tmp_path / "b.parquet", ["x", "y", "z"], emoji=["👋", "👋🏾", "🏻"])).rows
    assert [row.skin_tone for row in by_emoji] == ["", "medium-dark", ""]
    assert by_emoji[0].base == by_emoji[1].base == "1f44b"


def test_skin_tone_is_cut_from_a_name_and_nothing_else() -> None:
    assert without_skin_tone("kiss: man, man, light skin tone, dark skin tone") == "kiss: man, man"
    assert without_skin_tone("man: medium-dark skin tone, bald") == "man: bald"
    assert without_skin_tone("flag: Wales") == "flag: Wales"


def test_subset_takes_masks_and_indices_and_split_names_what_there_is() -> None:
    emojis = a_set([EmojiRow("a", split="train"), EmojiRow("b", split="test"), EmojiRow("c", split="train")])
    assert [row.text for row in emojis.subset([2, 0]).rows] == ["c", "a"]
    assert emojis.subset([2, 0]).images[:, 0, 0, 0].tolist() == [2, 0]
    assert [row.text for row in emojis.subset(torch.tensor([False, True, True])).rows] == ["b", "c"]
    assert [row.text for row in emojis.split("train").rows] == ["a", "c"]
    with pytest.raises(TrainerError, match="no split 'validation'; it has test, train"):
        emojis.split("validation")


def test_variants_of_one_drawing_together_weigh_one_plain_emoji() -> None:
    tones = ["light", "medium-light", "medium", "medium-dark", "dark"]
    rows = [EmojiRow("hand", base="h", style="noto"), EmojiRow("octopus", base="o", style="noto")]
    rows += [EmojiRow(f"hand: {tone}", base="h", style="noto", skin_tone=tone) for tone in tones]
    rows += [EmojiRow("hand: dark", base="h", style="blob", skin_tone="dark")]
    weights = a_set(rows).weights()
    assert weights.dtype == torch.float32
    assert weights[:2].tolist() == [1, 1]
    assert weights[2:7].tolist() == pytest.approx([0.2] * 5)
    assert weights[7] == 1  # the only variant of another style


def test_pictures_with_writing_a_side_or_no_group_are_not_mirrored() -> None:
    rows = [
        EmojiRow("octopus", group="Animals & Nature"),
        EmojiRow("left-facing fist", group="People & Body"),
        EmojiRow("person running facing right", group="People & Body"),
        EmojiRow("copyright person", group="People & Body"),
        EmojiRow("ABCD", group="Symbols"),
        EmojiRow("octopus"),
    ]
    images = torch.zeros(len(rows), 4, 64, 64, dtype=torch.uint8)
    assert EmojiSet(images, rows).mirrorable().tolist() == [True, False, False, True, False, False]


def test_condition_words_are_short_lower_case_and_unique() -> None:
    row = EmojiRow(
        "Woman’s “Big” hat: dark skin tone",
        group="People & Body",
        subgroup="other-clothing",
        keywords=("hat", "NEW hat", "dark skin tone", "a very long phrase indeed", "!"),
    )
    words = condition_words(row)
    assert words == ("woman's big hat", "woman's", "big", "hat", "new hat", "dark skin tone", "clothing", "people", "body")


def test_word_vocabulary_counts_drawings_then_sorts_by_alphabet() -> None:
    rows = [EmojiRow("hand", base="h", style="noto", skin_tone=tone) for tone in ("", "light", "dark")]
    rows += [EmojiRow("cat", base="c", style="noto"), EmojiRow("cat", base="c", style="blob"), EmojiRow("bee", base="b", style="noto")]
    assert build_word_vocabulary(rows) == ["cat", "bee", "hand"]
    assert build_word_vocabulary(rows, min_count=2) == ["cat"]
    assert build_word_vocabulary(rows, max_words=2) == ["cat", "bee"]


def square_font(path: Path) -> FontBuilder:
    """A font whose 😀, 😁 and A are a square of half the em, at the lower left corner."""
    builder = FontBuilder(1024, isTTF=True)
    names = [".notdef", "a", "b", "c", "layer"]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 512), (512, 512), (512, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x1F600: "a", 0x1F601: "b", ord("A"): "c"})
    builder.setupGlyf({name: square for name in names})
    builder.setupHorizontalMetrics({name: (1024, 0) for name in names})
    builder.setupHorizontalHeader(ascent=1024, descent=0)
    builder.setupNameTable({"familyName": "Test Emoji", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return builder


def test_layered_outline_font_gives_its_emojis_in_colour(tmp_path: Path) -> None:
    path = tmp_path / "colour.ttf"
    builder = square_font(path)
    builder.setupCOLR({"a": [("layer", 0)], "b": [("layer", 1)]}, version=0)
    builder.setupCPAL([[(1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 0.5)]])
    builder.save(path)
    emojis = load_emojis(f"font:{path}")
    assert [(row.text, row.emoji, row.style) for row in emojis.rows] == [
        ("grinning face", "😀", "Test Emoji"),
        ("grinning face with smiling eyes", "😁", "Test Emoji"),
    ]
    assert emojis.images[0, :, 32, 32].tolist() == [255, 0, 0, 255]
    red, green, blue, alpha = emojis.images[1, :, 32, 32].tolist()
    assert (red, green) == (0, 0)
    assert abs(alpha - 128) <= 1
    assert abs(blue - alpha) <= 1  # associated: a half-transparent blue is half as bright
    assert len(load_emojis(f"font:{path}", limit=1)) == 1


def test_bitmap_font_is_drawn_at_a_size_it_has(tmp_path: Path) -> None:
    path = tmp_path / "bitmap.ttf"
    builder = square_font(path)
    table = builder.font["sbix"] = newTable("sbix")
    table.version, table.flags, table.numStrikes = 1, 1, 2
    table.strikes = {}
    for size in (20, 72):
        strike = Strike(ppem=size, resolution=72)
        picture = encoded((255, 0, 0, 128) if size == 72 else (0, 255, 0, 255), size=(size, size))
        strike.glyphs = {
            name: SbixGlyph(glyphName=name, graphicType="png " if name == "a" else None, imageData=picture if name == "a" else None)
            for name in builder.font.getGlyphOrder()
        }
        table.strikes[size] = strike
    builder.save(path)
    emojis = load_emojis(f"font:{path}")
    assert emojis.images[0, :, 32, 32].tolist() == [128, 0, 0, 128]


def test_font_without_colour_is_refused(tmp_path: Path) -> None:
    square_font(tmp_path / "plain.ttf")
    with pytest.raises(TrainerError, match="without colour glyphs"):
        load_emojis(f"font:{tmp_path / 'plain.ttf'}")


def test_both_character_map_formats_are_read(tmp_path: Path) -> None:
    from trainer.sources.sfnt import read_facts

    square_font(tmp_path / "plain.ttf")
    facts = read_facts((tmp_path / "plain.ttf").read_bytes())
    assert facts.code_points == [ord("A"), 0x1F600, 0x1F601]  # format 4 has A, format 12 all three
    assert facts.strike_sizes_px == []
    with pytest.raises((ValueError, struct.error)):
        read_facts(b"GIF89a")


def test_a_digest_tells_pictures_and_their_order_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.randint(0, 256, (9, 4, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    other = images.clone()
    other[8, 3, 7, 7] += 1
    different = [images, other, images.flip(0), images[:8], images.view(9, 4, 4, 16), images[:0]]
    assert len({picture_digest(some) for some in different}) == len(different)
    assert picture_digest(images.to(memory_format=torch.channels_last)) == picture_digest(images)
    monkeypatch.setattr("trainer.data.DIGESTED", 3)  # the first, one in the middle and the last
    read = [other, images.flip(0), images[:8]]
    assert picture_digest(images) not in {picture_digest(some) for some in read}
