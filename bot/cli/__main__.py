"""Run the command: `python -m bot.cli`."""

from bot.cli.app import main

if __name__ == "__main__":
    main()
