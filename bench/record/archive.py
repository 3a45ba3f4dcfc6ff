"""
Results of record in one compressed file a campaign: results/MACHINE/CAMPAIGN.tar.xz. Result files lie in it uncompressed, so
that what repeats from file to file takes no room; unpacked they are what they were, byte for byte.
"""
import functools
import gzip
import io
import tarfile
from pathlib import Path

SUFFIX = ".tar.xz"


def is_safe(name):
    """A plain path that stays below the folder it is unpacked in."""
    parts = Path(name).parts
    return bool(parts) and not Path(name).is_absolute() and ".." not in parts


def pack(folder):
    """Makes FOLDER.tar.xz of all files below a folder, those of gzip unpacked: the same bytes for the same files."""
    target = folder.with_name(folder.name + SUFFIX)
    with tarfile.open(target, "x:xz", preset=9, format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            name = path.relative_to(folder.parent)
            if path.suffix == ".gz":
                content, name = gzip.decompress(content), name.with_suffix("")
            entry = tarfile.TarInfo(str(name))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return target


@functools.cache
def names(path):
    """What is in an archive."""
    with tarfile.open(path, "r:xz") as archive:
        return archive.getnames()


def unpack(path, folder):
    """Writes the files of an archive below a folder; those that are there already are left as they are. Their paths."""
    made = []
    with tarfile.open(path, "r:xz") as archive:
        for entry in archive:
            if not entry.isfile() or not is_safe(entry.name):
                raise ValueError(f"{path}: {entry.name} is not a file below the archive's own folder")
            target = folder / entry.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.extractfile(entry).read())
            made.append(target)
    return made
