"""Where the program begins: `reconciler`, and `python -m reconciler`."""

import gc


def main() -> None:
    """Run the tool with the words of the command line, and end the process."""
    # A run is short and keeps nearly every object: collecting garbage would find next to none, and
    # would look for it several times while click is imported.
    gc.disable()
    from reconciler.cli import main

    main()


if __name__ == "__main__":
    main()
