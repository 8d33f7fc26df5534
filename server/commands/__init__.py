"""What can be done at the server, on its command line: a module for each thing it is about. `server.cli` puts them together."""
