"""``emoterm completion``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from emoterm.cli import options
from emoterm.cli.report import show_json

# Each script sends the line up to the cursor and gets a line for every value: "value TAB help"; one without a value stands for files.
# A value with a space stays one word: bash quotes what it takes for the name of a file, zsh and fish quote everything.
# Bash takes @ for the end of a word and replaces only what comes after it ($2), so what stands before is cut from the values.
_BASH = """\
_emoterm() {
    local line=${COMP_LINE:0:COMP_POINT} files='' quoted='' value help
    local word=${line##*[[:space:]]}
    local kept=${word%"$2"}
    COMPREPLY=()
    while IFS=$'\\t' read -r value help; do
        if [[ -z $value ]]; then files=1; else COMPREPLY+=("${value#"$kept"}"); fi
        if [[ $value == *' '* ]]; then quoted=1; fi
    done < <(_EMOTERM_COMPLETE=bash emoterm "$line" 2>/dev/null)
    if [[ -n $files && -z $kept ]]; then
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$2")
        quoted=1
    fi
    if [[ -n $quoted ]]; then compopt -o filenames; fi
}
complete -F _emoterm emoterm
"""
_ZSH = """\
#compdef emoterm
_emoterm() {
    local -a values
    local line files
    for line in "${(@f)$(_EMOTERM_COMPLETE=zsh emoterm "${(j: :)words[1,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == $'\\t'* ]]; then files=1
        elif [[ -n $line ]]; then values+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
        fi
    done
    (( $#values )) && _describe emoterm values
    [[ -n $files ]] && _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _emoterm "$@"; else compdef _emoterm emoterm; fi
"""
_FISH = """\
function __emoterm_complete
    for line in (_EMOTERM_COMPLETE=fish emoterm (commandline -cp | string collect) 2>/dev/null)
        if string match -q \\t\\* -- $line
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete --command emoterm --no-files --arguments '(__emoterm_complete)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
INSTALL = {
    "bash": "echo 'eval \"$(emoterm completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(emoterm completion zsh)\"' >> ~/.zshrc   (after compinit)",
    "fish": "emoterm completion fish > ~/.config/fish/completions/emoterm.fish",
}


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(case_sensitive=False, help="Which shell the script is for.")],
    json: options.Json = False,
) -> None:
    """Print the script that lets a shell complete commands, options, emoji names and styles.

    Names are completed with hyphens for spaces, red-heart, and styles after an @, red-heart@noto. Nothing is installed by itself: for good
    it goes into ~/.bashrc or ~/.zshrc as eval "$(emoterm completion bash)", for fish into ~/.config/fish/completions/emoterm.fish.

    \b
    Examples:
      emoterm completion bash
      emoterm completion fish > ~/.config/fish/completions/emoterm.fish
    """
    if json:
        show_json("completion", {"shell": shell, "script": SCRIPTS[shell], "install": INSTALL[shell]})
    else:
        print(SCRIPTS[shell], end="")
