"""Evidence packages (证据包): what of a record, or of a whole case file (案卷), goes out of the house with its proof."""
