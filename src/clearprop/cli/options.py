"""Options that several commands share."""

from typing import Annotated

from cyclopts import Parameter

Json = Annotated[
    bool, Parameter(name="--json", help="Print one JSON value on stdout.", show_default=False)
]
Quiet = Annotated[
    bool, Parameter(name="--quiet", help="No progress and no messages.", show_default=False)
]
DataDir = Annotated[
    str | None,
    Parameter(name="--data-dir", help="Folder of the data sets, in place of the user's cache."),
]
Offline = Annotated[
    bool, Parameter(name="--offline", help="Never touch the network.", show_default=False)
]
Engine = Annotated[
    str | None, Parameter(name="--engine", help="numpy, jax, or auto (chosen from the job's size).")
]
Set = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set", help="Change a setting: KEY=VALUE. May be repeated.", show_default=False
    ),
]
Data = Annotated[
    str | None, Parameter(help="A data set (clearprop datasets list), or a file or folder.")
]
RecipeName = Annotated[str | None, Parameter(help="A recipe's name, or a TOML file.")]
Epochs = Annotated[int | None, Parameter(help="How often every row is visited.")]
