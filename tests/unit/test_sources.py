"""Reading any source: names, splits and pictures of parquet files, folders and saved data sets, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from trainer.data import EmojiRow, load_emojis
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
