"""A specimen of every format that Clearprop reads."""

from mutations import of_models, of_pictures, of_rows, of_settings, of_sweeps
from mutations.specimen import Specimen

SPECIMENS: dict[str, Specimen] = {
    specimen.name: specimen
    for module in (of_models, of_rows, of_pictures, of_settings, of_sweeps)
    for specimen in module.specimens()
}

OTHERS = [specimen.data for specimen in SPECIMENS.values()]
