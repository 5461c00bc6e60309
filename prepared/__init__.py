"""What is asked and written all the time: turned into SQL once for a process, then only its values change."""
