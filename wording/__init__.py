"""The words of the console that are not in a template: what findings, causes and states are called."""
