"""`python -m worker` is `winnow`."""

from worker.cli import main

if __name__ == "__main__":
    main()
