"""What is looked for in the files of a report before they leave the machine."""
