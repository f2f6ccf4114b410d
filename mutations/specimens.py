"""Every format that Clearprop reads, as a small valid file, and the road by which it is read."""

from mutations import of_models, of_pictures, of_rows, of_settings, of_sweeps
from mutations.specimen import Specimen

SPECIMENS: dict[str, Specimen] = {
    specimen.name: specimen
    for room in (of_models, of_rows, of_pictures, of_settings, of_sweeps)
    for specimen in room.specimens()
}

OTHERS = [specimen.data for specimen in SPECIMENS.values()]
