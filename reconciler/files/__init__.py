"""Open, create, append to and replace files so that nobody else decides which file it is.

A folder is opened first, and the files in it by their names in that open folder: no link is
followed that could lead elsewhere in the meantime. Everything raises OSError; `UnsafeFile` is the
OSError for what could be opened and must not be. No other room opens a file for writing.
"""

from reconciler.files.checks import NotAFile, UnsafeFile, advice, reason
from reconciler.files.configuration import configuration_folder, read_private, save_private
from reconciler.files.folder import Entry, Folder, open_folder, write_all
from reconciler.files.paths import (
    append_to_file,
    create_file,
    is_inside,
    list_folder,
    make_folder,
    open_file,
    open_to_append,
    read_file,
    remove_file,
    replace_file,
    rewrite_file,
    sync_folder,
)

__all__ = [
    "Entry",
    "Folder",
    "NotAFile",
    "UnsafeFile",
    "advice",
    "append_to_file",
    "configuration_folder",
    "create_file",
    "is_inside",
    "list_folder",
    "make_folder",
    "open_file",
    "open_folder",
    "open_to_append",
    "read_file",
    "read_private",
    "reason",
    "remove_file",
    "replace_file",
    "rewrite_file",
    "save_private",
    "sync_folder",
    "write_all",
]
