"""Options and arguments that several commands share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from emoterm.cli.complete import complete_bundle, complete_color, complete_group, complete_picture, complete_size, complete_style
from emoterm.cli.report import be_quiet
from emoterm.cli.typed import a_color, one_style

Bundle = Annotated[
    str | None,
    typer.Option(
        "--bundle",
        metavar="PATH",
        help="Model: a folder, an .emoterm file or a name; default: the one that ships.",
        autocompletion=complete_bundle,
    ),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option("--device", case_sensitive=False, help="Where the model runs; auto takes CUDA where it loads."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; - for stdout.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, max=2**64 - 1, help="Same seed, same emojis; drawn and printed when not given.")]
Scale = Annotated[int, typer.Option("--scale", min=1, max=64, help="Enlarge each pixel by this whole factor.")]
Size = Annotated[
    int | None,
    typer.Option(
        "--size",
        metavar="PX",
        help="Side of each picture: 64, 128, 256 or 512 pixels, enlarged with sharp edges and no blocks.",
        autocompletion=complete_size,
    ),
]
For = Annotated[
    Literal["slack", "discord", "mastodon", "teams", "github"] | None,
    typer.Option("--for", case_sensitive=False, help="Keep to the limits of this place and say what had to be given up."),
]
Preview = Annotated[
    str | None, typer.Option("--preview", metavar="FILE", help="Write a PNG that shows the stickers at 20 pixels, on dark and on light.")
]
NoMetadata = Annotated[bool, typer.Option("--no-metadata", help="Leave the recipe out of the file; recreate needs it.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="Higher is wilder, 0 takes the likeliest token.")]
TopK = Annotated[int | None, typer.Option("--top-k", help="Draw from the k likeliest tokens only.")]
TopP = Annotated[float | None, typer.Option("--top-p", help="Draw from the likeliest tokens that reach this mass.")]
MinP = Annotated[
    float | None,
    typer.Option("--min-p", help="Draw from tokens only that are at least this share as likely as the likeliest; 0 is off."),
]
Guidance = Annotated[float | None, typer.Option("--guidance", help="Above 1 follows style and words more closely.")]
Each = Annotated[Path | None, typer.Option("--each", metavar="DIR", help="Write every emoji as a PNG of its own into this folder.")]
Columns = Annotated[int | None, typer.Option("--columns", min=1, help="Pictures in a row of the grid.")]
Background = Annotated[
    str,
    typer.Option(
        "--background", metavar="COLOR", help="#rrggbb, a CSS name, or transparent.", callback=a_color, autocompletion=complete_color
    ),
]
Graphics = Annotated[
    Literal["auto", "kitty", "sixel", "octant", "half", "grey", "none"],
    typer.Option("--graphics", case_sensitive=False, help="How to draw in the terminal; none draws nothing."),
]
Style = Annotated[
    str | None,
    typer.Option(
        "--style",
        help="Emoji style, such as noto or twemoji, or any.",
        callback=one_style,
        autocompletion=complete_style,
    ),
]
Group = Annotated[str | None, typer.Option("--group", help="Unicode group, such as 'Food & Drink'.", autocompletion=complete_group)]
Picture = Annotated[
    str,
    typer.Argument(
        metavar="PICTURE",
        help="An image or .emo file, -, an emoji or a name; names take @STYLE.",
        autocompletion=complete_picture,
    ),
]
Face = Annotated[
    str | None,
    typer.Option("--face", metavar="X,Y,W,H", help="Where its face is: left, top, width and height in pixels of the picture."),
]
Effort = Annotated[
    int, typer.Option("--effort", min=0, max=3, help="How long to search for tokens that decode better; 0 takes the nearest codes.")
]
# Every command has it, without a parameter of its own.
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", callback=be_quiet, expose_value=False, help="Say nothing on stderr but errors; what is asked for still comes."
    ),
]
